"""Recognizes in a vendor's words that an account has no money left, or has reached a spending limit. Pure."""

import re
from typing import Literal

_EMPTY = re.compile(
    r"insufficient[ _](?:quota|balance|credits?|funds)|(?:credit )?balance (?:is )?(?:too low|not enough|exhausted)"
    r"|(?:more|no|out of|enough) credits|payment required|exceeded_current_quota|arrear"
    r"|account (?:is )?(?:suspended|overdue|in debt)|quota exceeded.{0,200}limit: 0\b|\u4f59\u989d\u4e0d\u8db3"
    r"|\u6b20\u8d39|\u6b20\u8cbb|\u5145\u503c|\u50a8\u503c|\u9918\u984d\u4e0d\u8db3|\u6b8b\u9ad8"
)
_MONEY = re.compile(
    r"\bbalance\b|\bcredits?\b|\bfunds\b|\bprepa(?:id|yment)|\bpayments?\b|\binvoices?\b|\bbilling\b|\bwallet\b"
    r"|\btop.?up\b|\brecharge|\u4f59\u989d|\u8d26\u6237"
)
_LACK = re.compile(
    r"insufficient|too low|not enough|n't have|not have|\bno (?:more |remaining |available )?|exhaust|deplet|used up"
    r"|r[au]n out|out of|exceed|negative|overdue|unpaid|past due|suspend|inactive|not active|\bzero\b|\bfail"
    r"|below|\u4e0d\u8db3"
)
_LIMIT = re.compile(
    r"billing hard limit|spend(?:ing)?[ _-]?(?:limit|cap)|budget_exceeded|over budget|usage limits\b|\bkey limit"
    r"|(?<!thinking )(?<!reasoning )(?<!token )\bbudget (?:has been |is |was |limit )?(?:exceed|reached|exhaust"
    r"|used up)"
    r"|exceed\w*[^.]{0,30}(?<!thinking )(?<!reasoning )(?<!token )(?:\bbudget\b(?! tokens)|\bspend)"
    r"|(?:reached|hit|at) [^.]{0,40}(?:spend|\bbudget\b(?! tokens))|monthly (?:usage |credit )?(?:limit|cap)\b"
)


def money_trouble(text: str) -> Literal["no-credit", "spending-limit"] | None:
    """Returns which it is; None: neither. `text`: lower case. Addresses in it say nothing: many lead to a bill."""
    text = re.sub(r"\w+://\S+", "", text)
    if _LIMIT.search(text):
        return "spending-limit"
    sentences = re.split(r"[.!?](?=\s|$)|\n", text)
    empty = _EMPTY.search(text) or any(_MONEY.search(one) and _LACK.search(one) for one in sentences)
    return "no-credit" if empty else None
