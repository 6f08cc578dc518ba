<?php

// A chat bot that takes orders: "2 coca lon, 1 mì hảo hảo sa tế, giao cho chị Lan 0912345678". It answers with the order, or asks back and
// orders nothing. Chats send a message again when no answer comes, so an id of a message makes one order.
//
//   echo '2 coca lon, giao cho chị Lan 0912345678' | php bot.php MESSAGE-ID

declare(strict_types=1);

require_once __DIR__ . '/kiotviet.php';
require_once __DIR__ . '/message.php';

const GOODS = 2; // the type of products that have a stock of their own

/** Answers a message. What fails is thrown: the same message can come again. */
function answer(KiotViet $kv, string $id, string $text): string
{
    preg_match('/^[\x21-\x7e]{1,100}$/', $id) || throw new InvalidArgumentException("no id of a message: $id");
    $message = new Message($text);
    if ($message->phone === null) {
        return 'Anh/chị cho shop xin số điện thoại người nhận, rồi nhắn lại cả đơn nhé.';
    }
    $customer = $kv->list('/customers', ['contactNumber' => $message->phone])->current();
    if ($customer !== null && ($known = orderOf($kv, $customer['id'], $id)) !== null) {
        return confirmation($known); // before stock is looked at: this order has reserved some
    }
    $branch = $kv->call('GET', '/branches')['data'][0]['id'];
    [$details, $questions] = choose($kv, $branch, $message);
    if ($questions !== [] || $details === []) {
        $questions = $questions ?: ['Anh/chị cần mua gì ạ? Ví dụ: 2 coca lon, giao cho chị Lan 0912345678.'];
        return implode("\n", [...$questions, 'Shop chưa lên đơn, anh/chị nhắn lại cả đơn giúp shop nhé.']);
    }
    $customer ??= $kv->call('POST', '/customers', [
        'name' => $message->name ?: "Khách $message->phone", 'contactNumber' => $message->phone, 'branchId' => $branch,
    ], keyOf('customer', $id))['data'];
    return confirmation($kv->call('POST', '/orders', [
        'branchId' => $branch, 'customer' => ['id' => $customer['id']], 'description' => "$id từ chat", 'orderDetails' => $details,
    ], keyOf('order', $id)));
}

/** KiotViet gives out the codes of orders, so the id of the message is in the description. */
function orderOf(KiotViet $kv, int $customer, string $id): ?array
{
    foreach ($kv->list('/orders', ['customerIds' => $customer]) as $order) {
        if (explode(' ', $order['description'] ?? '')[0] === $id) {
            return $order;
        }
    }
    return null;
}

/** The key of a write: of two that run at the same time, neither of which finds the other one's order, one is carried out. */
function keyOf(string $what, string $id): string
{
    return hash('sha256', "$what $id");
}

/** The lines of an order, and what to ask instead. */
function choose(KiotViet $kv, int $branch, Message $message): array
{
    $details = $taken = [];
    $questions = $message->questions;
    foreach ($message->wanted as [$quantity, $words]) {
        $found = find($kv, $words);
        $product = reset($found);
        $what = implode(' ', $words);
        if ($quantity <= 0) {
            $questions[] = "Anh/chị lấy bao nhiêu “{$what}”?";
        } elseif ($found === []) {
            $questions[] = "Shop không tìm thấy “{$what}”.";
        } elseif (count($found) > 1) {
            $names = array_map(fn (array $p): string => "$p[fullName] " . dong($p['basePrice']), array_slice($found, 0, 5));
            $questions[] = "“{$what}” có " . count($found) . ' loại, anh/chị chọn loại nào: ' . implode('; ', $names)
                . (count($found) > 5 ? '; …' : '') . '?';
        } else {
            $stock = $product['masterUnitId'] ?? $product['id']; // lon and thùng are taken from one stock
            $left = available($product, $branch) - ($taken[$stock] ?? 0) / $product['conversionValue'];
            if ($product['type'] === GOODS && $quantity > $left + 0.001) {
                $questions[] = $left >= 1 ? "$product[fullName] chỉ còn " . number(floor($left)) . '.' : "$product[fullName] đã hết hàng.";
            }
            $taken[$stock] = ($taken[$stock] ?? 0) + $quantity * $product['conversionValue'];
            $details[] = ['productId' => $product['id'], 'productCode' => $product['code'], 'quantity' => $quantity, 'price' => $product['basePrice']];
        }
    }
    return [$details, $questions];
}

/**
 * The products that a customer may mean: each word begins one of their name or code. A search finds words that stand together, so that
 * "coca lon" is looked for as "coca", too.
 */
function find(KiotViet $kv, array $words): array
{
    $words = array_slice($words, 0, 8);
    for ($length = count($words); $length > 0; $length--) {
        for ($at = 0; $at + $length <= count($words); $at++) {
            $found = [];
            $query = ['name' => implode(' ', array_slice($words, $at, $length)), 'isActive' => 'true', 'includeInventory' => 'true'];
            foreach ($kv->list('/products', $query) as $product) {
                if ($product['allowsSale'] && isMeant($product, $words)) {
                    $found[$product['id']] = $product;
                }
            }
            if ($found !== []) {
                $what = Message::fold(implode(' ', $words));
                $exactly = array_filter($found, fn (array $p): bool => in_array($what, [Message::fold($p['name']), Message::fold($p['fullName'])], true));
                $found = $exactly ?: $found;
                // Who names no unit means the smallest one.
                return array_values(array_filter($found, fn (array $p): bool => !isset($found[$p['masterUnitId'] ?? 0])));
            }
        }
    }
    return [];
}

function isMeant(array $product, array $words): bool
{
    $name = ' ' . preg_replace('/[^a-z0-9]+/', ' ', Message::fold("$product[fullName] $product[code]"));
    foreach ($words as $word) {
        foreach (preg_split('/[^a-z0-9]+/', Message::fold($word), -1, PREG_SPLIT_NO_EMPTY) as $part) {
            if (!str_contains($name, " $part")) {
                return false;
            }
        }
    }
    return true;
}

/** What a branch can sell of a product: open orders have reserved the rest. */
function available(array $product, int $branch): float
{
    foreach ($product['inventories'] as $inventory) {
        if ($inventory['branchId'] === $branch) {
            return (float) ($inventory['onHand'] - $inventory['reserved']);
        }
    }
    return 0;
}

function confirmation(array $order): string
{
    $lines = array_map(fn (array $d): string => number($d['quantity']) . " × $d[productName]", $order['orderDetails']);
    return "Shop đã lên đơn $order[code] cho $order[customerName]: " . implode(', ', $lines) . '. Tổng cộng ' . dong($order['total']) . '.';
}

function number(int|float $quantity): string
{
    return str_replace('.', ',', (string) round($quantity, 3));
}

function dong(int|float $amount): string
{
    return number_format($amount, 0, ',', '.') . 'đ';
}

if (realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    $settings = array_filter([
        'retailer' => getenv('KIOTVIET_RETAILER'), 'clientId' => getenv('KIOTVIET_CLIENT_ID'), 'clientSecret' => getenv('KIOTVIET_CLIENT_SECRET'),
        'url' => getenv('KIOTVIET_URL'), 'tokenUrl' => getenv('KIOTVIET_TOKEN_URL'),
    ]);
    echo answer(new KiotViet(...$settings), $argv[1] ?? '', stream_get_contents(STDIN)), "\n";
}
