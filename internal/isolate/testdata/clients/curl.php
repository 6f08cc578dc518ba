<?php
function send(string $url, array $options): string {
    $c = curl_init($url);
    curl_setopt_array($c, $options + [CURLOPT_RETURNTRANSFER => true]);
    $answer = curl_exec($c);
    if ($answer === false) {
        fwrite(STDERR, curl_error($c) . "\n");
        exit(1);
    }
    return $answer;
}

$token = json_decode(send('https://id.kiotviet.vn/connect/token', [CURLOPT_POSTFIELDS => 'grant_type=client_credentials']))->access_token;
echo send('https://public.kiotapi.com/products', [CURLOPT_HTTPHEADER => ["Authorization: Bearer $token"]]);
