function verify(string $body, string $signature, string $secret): bool
{   // file_get_contents('php://input'), $_SERVER['HTTP_X_HUB_SIGNATURE'] ?? ''
    $sent = preg_replace('/^\w+=/', '', $signature);
    return $secret !== '' && hash_equals(hash_hmac('sha256', $body, $secret), $sent);
}
