"""Texts that a renderer may stumble over: long ones, and ones with marks of every platform."""

LONG = "## Preise – 価格表 👩‍👩‍👧\n\n" + "Ein **langer** Satz, der <!channel> und @everyone nennt. " * 150
ODD = "<!here> *Ümläut* `x` [a](https://evil.example) @everyone \u202e 名前名前名前 " + "long " * 60
