<?php
$post = stream_context_create(['http' => [
    'method' => 'POST', 'header' => 'Content-Type: application/x-www-form-urlencoded', 'content' => 'grant_type=client_credentials',
]]);
$token = json_decode(file_get_contents('https://id.kiotviet.vn/connect/token', false, $post))->access_token;
echo file_get_contents('https://public.kiotapi.com/products', false, stream_context_create(['http' => ['header' => "Authorization: Bearer $token"]]));
