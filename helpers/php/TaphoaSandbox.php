<?php

// A shop per test, for programs for KiotViet. Copy this file into your project; it needs PHP 8.1 and no package.
//
//   withShop(function (Shop $shop): void {
//       importOrder('WEB-1042'); // a program with KiotViet's hosts in its code, in `taphoa sandbox exec`
//       $shop->expect(['method' => 'POST', 'path' => '/orders', 'times' => 1]);
//   });
//
// The sandbox is that of TAPHOA_SANDBOX_URL, as in `taphoa sandbox exec -- vendor/bin/phpunit`, or one that runs on this machine:
// `taphoa sandbox`. A program whose addresses can be set gets those of the shop, url and tokenUrl.

declare(strict_types=1);

namespace Taphoa\Sandbox;

/** What the sandbox, or its shop, has refused. */
final class Refused extends \RuntimeException
{
    public function __construct(string $what, public readonly int $status, public readonly mixed $answer)
    {
        $sentences = [is_array($answer) ? $answer['message'] ?? json_encode($answer) : substr((string) $answer, 0, 300)];
        $errors = is_array($answer) ? $answer['responseStatus']['errors'] ?? [] : [];
        if (count($errors) > 1) {
            array_push($sentences, ...array_column($errors, 'message'));
        }
        parent::__construct("$what: $status " . implode("\n  ", $sentences));
    }
}

/**
 * Runs a test with a shop of its own, and deletes that. If the test fails, standard error says what the shop was asked for.
 * Options: template ('default' or 'empty'), retailer, clientId and clientSecret as the program has them in its code, replace.
 */
function withShop(callable $test, array $options = []): mixed
{
    $shop = Shop::create($options);
    try {
        return $test($shop);
    } catch (\Throwable $failure) {
        file_put_contents('php://stderr', $shop->seen() . "\n");
        throw $failure;
    } finally {
        $shop->delete();
    }
}

/** The shop of one test. Its name is that of the fork. */
final class Shop
{
    public readonly string $name;
    public readonly string $retailer;
    public readonly string $clientId;
    public readonly string $clientSecret;
    public readonly string $tokenUrl;
    private ?string $token = null;

    private function __construct(public readonly string $url, array $made)
    {
        $this->name = $made['name'];
        $this->retailer = $made['retailer'];
        $this->clientId = $made['clientId'];
        $this->clientSecret = $made['clientSecret'];
        $this->tokenUrl = $url === 'https://public.kiotapi.com' ? 'https://id.kiotviet.vn/connect/token' : "$url/connect/token";
    }

    /** Makes a shop that the caller deletes: for setups that withShop does not fit, such as setUp and tearDown. */
    public static function create(array $options = []): self
    {
        $url = rtrim(getenv('TAPHOA_SANDBOX_URL') ?: 'http://127.0.0.1:8899', '/');
        return new self($url, self::below($url, 'POST', 'shops', $options));
    }

    public function delete(): void
    {
        $this->control('DELETE', '');
    }

    /** Calls the shop's API as the test itself, and returns the answer. */
    public function call(string $method, string $path, ?array $body = null): mixed
    {
        $this->token ??= self::send('POST', $this->tokenUrl, $this->headers('application/x-www-form-urlencoded'), http_build_query([
            'grant_type' => 'client_credentials', 'scopes' => 'PublicApi.Access',
            'client_id' => $this->clientId, 'client_secret' => $this->clientSecret,
        ]))['access_token'];
        $headers = [...$this->headers('application/json'), "Retailer: $this->retailer", "Authorization: Bearer $this->token"];
        return self::send($method, $this->url . $path, $headers, $body === null ? '' : self::json($body));
    }

    /** What the clock shows, Vietnam time. */
    public function now(): string
    {
        return $this->control('GET', '/clock')['now'];
    }

    public function freeze(): void
    {
        $this->control('PUT', '/clock', ['frozen' => true]);
    }

    /** Moves the clock by '90s', '36h' or '45d'. */
    public function advance(string $by): void
    {
        $this->control('PUT', '/clock', ['advance' => $by]);
    }

    /** Moves the clock to '2027-01-01T00:00:00', Vietnam time. */
    public function setTime(string $to): void
    {
        $this->control('PUT', '/clock', ['now' => $to]);
    }

    /** Lets a frozen clock go on. */
    public function run(): void
    {
        $this->control('PUT', '/clock', ['frozen' => false]);
    }

    /** Replaces the rules of faults, such as ['method' => 'POST', 'path' => '/orders', 'calls' => [2], 'fault' => 'cut']; none ends them. */
    public function setFaults(array ...$rules): void
    {
        $this->control('PUT', '/faults', ['rules' => $rules]);
    }

    public function faults(): array
    {
        return $this->control('GET', '/faults')['rules'];
    }

    public function snapshot(string $name): void
    {
        $this->control('POST', '/snapshots', ['name' => $name]);
    }

    public function restore(string $name): void
    {
        $this->control('POST', '/snapshots/' . rawurlencode($name) . '/restore');
    }

    /** The first 500 of the requests that are kept. */
    public function requests(): array
    {
        return $this->control('GET', '/requests?limit=500')['data'];
    }

    public function forgetRequests(): void
    {
        $this->control('DELETE', '/requests');
    }

    /** Fails unless the shop was asked as expected: method, path, times, atLeast, atMost, status, with (body, query, header). */
    public function expect(array ...$expectations): void
    {
        $this->control('POST', '/expect', ['expectations' => $expectations]);
    }

    public function expectInOrder(array ...$expectations): void
    {
        $this->control('POST', '/expect', ['expectations' => $expectations, 'inOrder' => true]);
    }

    /** stock, debts, cash, documents and webhooks. */
    public function state(): array
    {
        return $this->control('GET', '/state');
    }

    /** Fails unless the state has these parts. */
    public function expectState(array $part): void
    {
        $this->control('POST', '/assert', $part);
    }

    /** What would differ at KiotViet, but for these ids. */
    public function differences(string ...$but): array
    {
        $all = $this->control('GET', '/report')['differences'];
        return array_values(array_filter($all, fn (array $d): bool => !in_array($d['id'], $but, true)));
    }

    public function expectNoDifferences(string ...$but): void
    {
        $lines = array_map(
            fn (array $d): string => "at KiotViet $d[operation] would differ: $d[title] ($d[id], " . implode(', ', $d['details']) . "). $d[advice]",
            $this->differences(...$but),
        );
        if ($lines !== []) {
            throw new \RuntimeException(implode("\n", $lines));
        }
    }

    /** What the shop was asked for, and what of it failed, as text. */
    public function seen(): string
    {
        $lines = [$this->control('GET', '/report?format=text')];
        foreach ($this->requests() as $r) {
            $fault = $r['fault'] ?? '';
            if ($r['status'] >= 400 || $fault !== '') {
                $lines[] = "#$r[number] $r[method] $r[path] → $r[status] $fault " . substr($r['answer'], 0, 300);
            }
        }
        return implode("\n", $lines);
    }

    private function headers(string $kind): array
    {
        return ["Content-Type: $kind", "X-Taphoa-Sandbox: $this->name"];
    }

    private function control(string $method, string $below, ?array $body = null): mixed
    {
        return self::below($this->url, $method, 'shops/' . rawurlencode($this->name) . $below, $body);
    }

    /** Sends a request below /_sandbox. */
    private static function below(string $url, string $method, string $path, ?array $body = null): mixed
    {
        $headers = $body === null ? [] : ['Content-Type: application/json'];
        $token = (string) getenv('TAPHOA_SANDBOX_TOKEN');
        if ($token !== '') {
            $headers[] = "Authorization: Bearer $token";
        }
        return self::send($method, "$url/_sandbox/$path", $headers, $body === null ? '' : self::json($body));
    }

    /** An empty list of members is an object. */
    private static function json(array $body): string
    {
        return $body === [] ? '{}' : json_encode($body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION);
    }

    private static function send(string $method, string $url, array $headers, string $body): mixed
    {
        $context = stream_context_create(['http' => [
            'method' => $method, 'header' => $headers, 'content' => $body, 'ignore_errors' => true, 'timeout' => 30, 'follow_location' => 0,
        ]]);
        $stream = @fopen($url, 'r', false, $context);
        $text = $stream === false ? false : stream_get_contents($stream);
        if ($text === false) {
            throw new \RuntimeException("no sandbox answers at $url: start `taphoa sandbox`, or set TAPHOA_SANDBOX_URL");
        }
        $answer = json_decode($text, true);
        $answer = json_last_error() === JSON_ERROR_NONE ? $answer : $text;
        $status = (int) explode(' ', stream_get_meta_data($stream)['wrapper_data'][0])[1];
        if ($status < 200 || $status > 299) {
            throw new Refused("$method " . parse_url($url, PHP_URL_PATH), $status, $answer);
        }
        return $answer;
    }
}
