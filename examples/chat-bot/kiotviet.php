<?php

declare(strict_types=1);

/** A client of one shop. The addresses are parameters so that a test can lead them elsewhere. */
final class KiotViet
{
    private ?string $token = null;
    private readonly CurlHandle $curl;

    public function __construct(
        public readonly string $retailer,
        private readonly string $clientId,
        private readonly string $clientSecret,
        private readonly string $url = 'https://public.kiotapi.com',
        private readonly string $tokenUrl = 'https://id.kiotviet.vn/connect/token',
    ) {
        $this->curl = curl_init();
    }

    /** Sends a request; a token that has ended is replaced once. A write with a key is carried out once, where the server knows keys. */
    public function call(string $method, string $path, ?array $body = null, ?string $key = null): array
    {
        for ($last = false;; $last = true) {
            $this->token ??= $this->signIn();
            $headers = ["Retailer: $this->retailer", "Authorization: Bearer $this->token", 'Content-Type: application/json'];
            if ($key !== null) {
                $headers[] = "Idempotency-Key: $key";
            }
            [$status, $answer] = $this->send($method, $this->url . $path, $headers, $body === null ? null : json_encode($body, JSON_THROW_ON_ERROR));
            if ($status === 401 && !$last) {
                $this->token = null;
            } elseif ($status >= 400) {
                throw new RuntimeException($answer['responseStatus']['message'] ?? $answer['message'] ?? "$method $path: $status");
            } else {
                return $answer;
            }
        }
    }

    /** All records of a list, in an order that does not change between pages. */
    public function list(string $path, array $query): Generator
    {
        for ($at = 0;;) {
            $page = $this->call('GET', "$path?" . http_build_query($query + ['orderBy' => 'id', 'pageSize' => 100, 'currentItem' => $at]));
            yield from array_values($page['data']);
            $at += count($page['data']);
            if ($page['data'] === [] || $at >= $page['total']) {
                return;
            }
        }
    }

    private function signIn(): string
    {
        [$status, $answer] = $this->send('POST', $this->tokenUrl, [], http_build_query([
            'grant_type' => 'client_credentials', 'scopes' => 'PublicApi.Access',
            'client_id' => $this->clientId, 'client_secret' => $this->clientSecret,
        ]));
        return $answer['access_token'] ?? throw new RuntimeException("no token: $status");
    }

    /** Returns the status and the answer, which is null if it is no JSON. */
    private function send(string $method, string $url, array $headers, ?string $body): array
    {
        curl_reset($this->curl);
        curl_setopt_array($this->curl, [
            CURLOPT_URL => $url, CURLOPT_CUSTOMREQUEST => $method, CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 30,
            CURLOPT_FRESH_CONNECT => $method !== 'GET', // on a used connection that ends curl sends a request again by itself
        ]);
        if ($body !== null) {
            curl_setopt($this->curl, CURLOPT_POSTFIELDS, $body);
        }
        $text = curl_exec($this->curl);
        if ($text === false) {
            throw new RuntimeException("$method $url: " . curl_error($this->curl));
        }
        return [curl_getinfo($this->curl, CURLINFO_RESPONSE_CODE), json_decode($text, true)];
    }
}
