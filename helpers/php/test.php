<?php

declare(strict_types=1);

require __DIR__ . '/TaphoaSandbox.php';

use Taphoa\Sandbox\Refused;
use Taphoa\Sandbox\Shop;

use function Taphoa\Sandbox\withShop;

const MAIN = 'Chi nhánh trung tâm';

function same(mixed $want, mixed $got): void
{
    $want === $got || throw new RuntimeException(var_export($got, true) . ' instead of ' . var_export($want, true));
}

/** The message of what a test throws. */
function thrown(callable $test): string
{
    try {
        $test();
    } catch (Exception $e) {
        return $e->getMessage();
    }
    throw new RuntimeException('nothing was thrown');
}

/** A program whose addresses can be set. */
function sell(Shop $shop): string|false
{
    $post = fn (string $url, array $headers, string $body): string|false => @file_get_contents($url, false, stream_context_create([
        'http' => ['method' => 'POST', 'header' => $headers, 'content' => $body],
    ]));
    $token = json_decode($post($shop->tokenUrl, ['Content-Type: application/x-www-form-urlencoded'], http_build_query([
        'scopes' => 'PublicApi.Access', 'grant_type' => 'client_credentials', 'client_id' => $shop->clientId, 'client_secret' => $shop->clientSecret,
    ])), true)['access_token'];
    return $post("$shop->url/invoices", ["Retailer: $shop->retailer", "Authorization: Bearer $token", 'Content-Type: application/json'], json_encode([
        'branchId' => 1, 'method' => 'Cash', 'totalPayment' => 20000, 'invoiceDetails' => [['productCode' => 'SP000001', 'quantity' => 2]],
    ]));
}

function onHand(Shop $shop): int|float
{
    return $shop->state()['stock']['SP000001'][MAIN]['onHand'];
}

$tests = [
    'a program sells in the shop of its test' => fn () => withShop(function (Shop $shop): void {
        $before = onHand($shop);
        same(true, is_string(sell($shop)));
        same(2, $before - onHand($shop));
        $shop->expect(['method' => 'POST', 'path' => '/invoices', 'times' => 1, 'with' => ['body' => ['branchId' => 1]]], ['path' => '/orders', 'times' => 0]);
        $shop->expectInOrder(['path' => '/connect/token'], ['path' => '/invoices']);
        $shop->expectState(['stock' => ['SP000001' => [MAIN => ['onHand' => $before - 2]]]]);
        $shop->expectNoDifferences();
        same('SP000001', $shop->call('GET', '/products/code/SP000001')['code']);
        $shop->forgetRequests();
        same([], $shop->requests());
    }),
    'what would differ at KiotViet is told' => fn () => withShop(function (Shop $shop): void {
        $shop->call('GET', '/products?pageSize=300');
        same(true, str_contains(thrown(fn () => $shop->expectNoDifferences()), 'page-size'));
        $shop->expectNoDifferences('page-size');
    }),
    'the answer is lost after the invoice is stored' => fn () => withShop(function (Shop $shop): void {
        $before = onHand($shop);
        $shop->snapshot('before');
        $shop->setFaults(['method' => 'POST', 'path' => '/invoices', 'fault' => 'cut']);
        same(false, sell($shop));
        same(1, $shop->faults()[0]['fired']);
        same(2, $before - onHand($shop));
        $shop->restore('before');
        same($before, onHand($shop));
    }),
    'the clock goes ahead' => fn () => withShop(function (Shop $shop): void {
        $shop->freeze();
        $shop->setTime('2199-01-01T00:00:00');
        $shop->advance('36h');
        same('2199-01-02T12:00:00', substr($shop->now(), 0, 19));
        same(true, str_contains(thrown(fn () => $shop->setTime('2020-01-01T00:00:00')), 'now'));
        $shop->run();
    }, ['template' => 'empty']),
    'a failed test says what its program asked for' => function (): void {
        $own = ['template' => 'empty', 'retailer' => 'cuahangphp', 'clientId' => 'php', 'clientSecret' => 's3cret'];
        withShop(function (Shop $shop): void {
            try {
                $shop->call('GET', '/products/code/KHONGCO');
            } catch (Refused $e) {
                same(420, $e->status);
            }
            same(true, str_contains($shop->seen(), 'KHONGCO → 420') && str_contains($shop->seen(), 'getProductByCode'));
            same(false, str_contains($shop->seen(), 's3cret'));
        }, $own);
        withShop(fn () => null, $own); // the shop before is gone
    },
    'a sandbox that is not there is named' => function (): void {
        $url = getenv('TAPHOA_SANDBOX_URL');
        putenv('TAPHOA_SANDBOX_URL=http://127.0.0.1:1');
        same(true, str_contains(thrown(fn () => Shop::create()), '127.0.0.1:1'));
        putenv($url === false ? 'TAPHOA_SANDBOX_URL' : "TAPHOA_SANDBOX_URL=$url");
    },
];

$failed = 0;
foreach ($tests as $name => $test) {
    try {
        $test();
        echo "ok $name\n";
    } catch (Throwable $e) {
        $failed++;
        echo "not ok $name: {$e->getMessage()}\n";
    }
}
exit($failed > 0 ? 1 : 0);
