<?php

declare(strict_types=1);

/** What a chat message says: wanted goods as [quantity, words], what is unclear as questions, and who gets it. */
final class Message
{
    // Words around an order, without tones.
    private const BEFORE = ['chao', 'alo', 'da', 'shop', 'oi', 'cho', 'em', 'anh', 'chi', 'minh', 'toi', 'lay', 'mua', 'dat', 'them', 'can', 'muon'];
    private const AFTER = ['nhe', 'nha', 'a'];

    public readonly ?string $phone; // as 0912345678
    public readonly string $name;
    /** @var list<array{float, list<string>}> */
    public readonly array $wanted;
    /** @var list<string> */
    public readonly array $questions;

    public function __construct(string $text)
    {
        preg_match('//u', $text) || throw new InvalidArgumentException('the message is no UTF-8');
        $this->phone = preg_match('/(?:\+84|\b0)((?:[ .-]?\d){9})\b/u', $text, $found) ? '0' . preg_replace('/\D/', '', $found[1]) : null;
        $text = str_replace($found[0] ?? "\0", '', $text);
        $name = preg_match('/\b(?:giao|gửi|gui|ship)\s+(?:hàng\s+|hang\s+)?cho\s+([^,;:\n\d]+)/iu', $text, $found) ? $found[1] : '';
        $text = str_replace($found[0] ?? "\0", ',', $text);
        $this->name = implode(' ', self::unended(self::words($name)));
        $wanted = $questions = [];
        foreach (preg_split('/[;:\n]|(?<!\d),|,(?!\d)|\s(?:và|va)\s+(?=\d)/iu', $text) as $part) { // 1,5 is a number
            $words = self::words($part);
            while ($words !== [] && in_array(self::fold($words[0]), self::BEFORE, true)) {
                array_shift($words);
            }
            $part = implode(' ', self::unended($words));
            if (preg_match('/^(\d+(?:[.,]\d+)?)(?:\s*x)?\s+(.+)$/iu', $part, $found)) {
                [, $quantity, $what] = $found;
            } elseif (preg_match('/^(.+)\s+x\s*(\d+)$/iu', $part, $found)) {
                [, $what, $quantity] = $found;
            } elseif ($part !== '') {
                $questions[] = "Anh/chị lấy bao nhiêu “{$part}”?";
                continue;
            } else {
                continue;
            }
            $wanted[] = [(float) str_replace(',', '.', $quantity), explode(' ', $what)];
        }
        [$this->wanted, $this->questions] = [$wanted, $questions];
    }

    /** Text as people compare it: small, without tones, đ as d. Phones send tones as marks of their own, too. */
    public static function fold(string $text): string
    {
        $letters = [
            'a' => 'àáảãạăằắẳẵặâầấẩẫậ', 'e' => 'èéẻẽẹêềếểễệ', 'i' => 'ìíỉĩị', 'o' => 'òóỏõọôồốổỗộơờớởỡợ', 'u' => 'ùúủũụưừứửữự', 'y' => 'ỳýỷỹỵ', 'd' => 'đ',
        ];
        foreach ($letters as $plain => $marked) {
            $text = preg_replace("/[$marked]/iu", $plain, $text);
        }
        return strtolower(preg_replace('/\p{Mn}/u', '', $text));
    }

    private static function words(string $text): array
    {
        return preg_split('/\s+/u', trim($text, " \n\r\t.!-()"), -1, PREG_SPLIT_NO_EMPTY);
    }

    private static function unended(array $words): array
    {
        while ($words !== [] && in_array(self::fold(end($words)), self::AFTER, true)) {
            array_pop($words);
        }
        return $words;
    }
}
