"""Says what people expect of a button by its words, in the languages that pages are written in. Pure."""

import re
from enum import StrEnum
from typing import NamedTuple
from unicodedata import category


class Expected(StrEnum):
    """What pressing it is for."""

    CHANGE = "change"
    AGREE = "agree"
    READ = "read"


class ButtonPress(NamedTuple):
    """What the agent pressed. `changes`: its words say that it changes something; `wants`: so did what was pressed
    before, if this one only agrees; `personal`: its form has personal data filled in; `submits`: it sends a form."""

    changes: bool = False
    wants: bool = False
    personal: bool = False
    submits: bool = False


NOTHING_PRESSED = ButtonPress()
_FIRST = frozenset((
    "order", "buy", "purchase", "pay", "send", "delete", "remove", "publish", "subscribe", "unsubscribe", "donate",
    "transfer", "vote", "upvote", "downvote", "book", "reserve", "cancel", "add", "create", "register", "save", "place",
    "submit", "apply", "post", "reply", "tweet", "follow", "unfollow", "like", "unlike", "join", "bid", "invite",
    "approve", "reject", "confirm", "withdraw", "redeem", "claim", "enroll", "enrol", "update", "discard", "archive",
    "report", "message", "complete", "rsvp",
))  # fmt: skip
"""English words that begin the label of a button which changes something."""
_ALONE = frozenset((
    "order", "buy", "purchase", "pay", "send", "delete", "remove", "publish", "subscribe", "unsubscribe", "donate",
    "transfer", "vote", "upvote", "downvote", "reserve", "register", "save", "reply", "tweet", "follow", "unfollow",
    "like", "unlike", "bid", "approve", "withdraw", "redeem", "enroll", "enrol", "rsvp",
))  # fmt: skip
"""Those that say it without another word; `Book`, `Cancel` or `Post` alone may be something else."""
_READS = re.compile(
    r"^((reject|approve) (all|cookies?)|update (list|map)|sort|report (from|on|of|for)|post \d|place \w+ on"
    r"|order (by|history|status|details|number|tracking|list|id)|like (this|these)|book (of|reviews?)"
    r"|message (board|list|history)|pay(ment)? (methods?|options)|vote (results?|counts?)|follow the link"
    r"|save (my )?(choices|preferences|settings)|confirm (my )?(choices|preferences|age)|join the discussion"
    r"|(add|remove|clear|apply|save|update|cancel|submit|send)( \w+)? (filters?|search|query|results?|sorting"
    r"|selection|criteria|dates?|columns?|row|tags?|preferences|settings|choices|cookies?))\b"
)
"""Labels that begin so but only change what is shown, or answer a cookie banner."""
_WORDS = (
    r"add to (cart|basket|bag|wish\s?list|order|favou?rites|trolley)", r"check\s?out now", "sign (me )?up",
    "buy (it )?now", "place (my |your |the )?(order|bid)",
    "(jetzt|kostenpflichtig|zahlungspflichtig) (kaufen|bestellen|buchen|bezahlen|spenden|bewerben)", "bestellen",
    "bezahlen", "löschen", "entfernen", "absenden", "abschicken", "(ab)?senden", "veröffentlichen", "abonnieren",
    "abbestellen", "kündigen", "stornieren", "überweisen", "hinzufügen", "in den (warenkorb|einkaufswagen)",
    "reservieren", "buchen", "kaufen", "registrieren", "anmelden zum", "speichern", "abstimmen", "spenden",
    "passer (la )?commande", "commander", "acheter", "payer", "envoyer", "supprimer", "publier", "s[’']abonner",
    "abonner", "désabonner", "ajouter au panier", "réserver", "s[’']inscrire", "enregistrer", "virer", "voter",
    "comprar", "pagar", "enviar", "eliminar", "borrar", "publicar", "suscribir(se|me)?", "añadir al carrito",
    "agregar al carrito", "reservar", "registrarse", "guardar", "transferir", "votar", "pedir", "compra", "acquista",
    "ordina", "paga", "invia", "elimina", "cancella", "pubblica", "iscriviti", "aggiungi al carrello", "prenota",
    "registrati", "salva", "vota", "dona", "excluir", "apagar", "assinar", "inscrever-se", "adicionar ao carrinho",
    "encomendar", "salvar", "bestel(len)?", "betalen", "betaal", "kopen", "verzenden", "verstuur", "versturen",
    "verwijderen", "verwijder", "publiceren", "abonneren", "in winkelwagen", "reserveren", "opslaan", "boeken",
    "kup", "zamów", "zapłać", "wyślij", "usuń", "opublikuj", "subskrybuj", "dodaj do koszyka", "zarezerwuj",
    "zapisz", "köp", "beställ", "betala", "skicka", "ta bort", "radera", "publicera", "prenumerera",
    "lägg i (varukorgen|kundvagnen)", "boka", "spara", "køb", "bestil", "betal", "slet", "kjøp", "bestill", "slett",
    "tilmeld", "legg i handlekurv", "læg i kurv", "osta", "tilaa", "maksa", "lähetä", "poista", "julkaise", "varaa",
    "tallenna", "koupit", "objednat", "zaplatit", "odeslat", "smazat", "odebrat", "megrendelés", "vásárlás",
    "küldés", "törlés", "fizetés", "satın al", "sipariş ver", "gönder", "sil", "öde", "yayınla", "abone ol",
    "sepete ekle", "kaydet", "купить", "заказать", "оплатить", "отправить", "удалить", "опубликовать", "подписаться",
    "отписаться", "в корзину", "забронировать", "сохранить", "проголосовать", "замовити", "придбати", "надіслати",
    "видалити", "сплатити", "αγορά", "παραγγελία", "αποστολή", "διαγραφή", "πληρωμή", "δημοσίευση",
)  # fmt: skip
"""Words of languages that leave spaces between them."""
_SIGNS = (
    "購入する", "購入を", "注文する", "注文を確定", "送信", "削除", "支払", "投稿する", "公開する", "登録する",
    "予約する", "カートに入れる", "申し込", "申込", "投票する", "购买", "下单", "发送", "删除", "支付", "发布",
    "订阅", "提交订单", "加入购物车", "加入購物車", "預訂", "预订", "購買", "發送", "刪除", "付款", "發布", "訂閱",
    "保存", "구매하기", "주문하기", "보내기", "전송", "삭제", "결제", "게시하기", "구독", "장바구니에 담기",
    "예약하기", "저장", "شراء", "اطلب", "إرسال", "ارسال", "حذف", "ادفع", "نشر", "اشترك", "أضف إلى السلة", "حجز",
    "קנה", "הזמן", "שלח", "מחק", "שלם", "פרסם", "הירשם", "הוסף לסל", "खरीदें", "भेजें", "हटाएं", "भुगतान", "สั่งซื้อ",
    "ส่ง", "ลบ", "ชำระเงิน", "mua ngay", "đặt hàng", "gửi", "xóa", "thanh toán", "beli sekarang", "kirim", "hapus",
    "bayar",
)  # fmt: skip
"""What is found without spaces around it."""
_ANYWHERE = re.compile(rf"\b({'|'.join(_WORDS)})\b|{'|'.join(_SIGNS)}")
_AGREES = frozenset((
    "ok", "okay", "yes", "confirm", "done", "finish", "submit", "proceed", "agree", "accept", "i agree", "yes continue",
    "ja", "bestätigen", "fertig", "oui", "confirmer", "valider", "terminer", "sí", "si", "confirmar", "aceptar",
    "hecho", "conferma", "accetta", "fatto", "sim", "concluir", "bevestigen", "klaar", "tak", "potwierdź", "да",
    "подтвердить", "готово", "はい", "確認", "确定", "确认", "提交", "完成", "확인", "نعم", "تأكيد", "כן", "אישור",
))  # fmt: skip
_SEARCHES = re.compile(r"\b(search|find|filter|suche?n?|buscar|chercher|rechercher|cerca|zoek|szukaj|sök)\w*", re.I)


def expected(label: str, around: str = "") -> Expected:
    """Returns what pressing a button of that label is for; `around`: the heading of its dialog or form."""
    said = _plain(label)
    if _changes(said):
        return Expected.CHANGE
    if said not in _AGREES:
        return Expected.READ
    return Expected.CHANGE if _changes(_plain(around)) else Expected.AGREE


def pressed(before: ButtonPress, label: str, around: str = "", *, personal: bool, submits: bool) -> ButtonPress:
    """Returns what pressing that means; a button that only agrees means what was pressed before it."""
    said = expected(label, around)
    changes = said is Expected.CHANGE or (said is Expected.AGREE and before.wants)
    return ButtonPress(changes, changes, personal, submits)


def _changes(said: str) -> bool:
    words = said.split()
    if not words or len(words) > 8 or _READS.search(said) or _SEARCHES.search(said):
        return False
    if words[0] in ("yes", "please", "now", "ok") and len(words) > 1:
        words = words[1:]
    if words[0] in _FIRST and (words[0] in _ALONE or len(words) > 1):
        return True
    return bool(_ANYWHERE.search(said))


def _plain(label: str) -> str:
    """Returns the words in lower case, without prices, counts and marks."""
    kept = "".join(c if category(c)[0] in "LMN" or c in "’'-" else " " for c in label[:120].lower())
    return " ".join(word for word in kept.split() if word[0] not in "0123456789")
