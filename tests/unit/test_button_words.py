"""What a button's words say about pressing it, in the languages of the world's pages."""

import pytest

from agents.tools.browser.sends.button_words import Expected, expected

CHANGES = (
    "Order", "Place order", "Place your order", "Buy now", "Pay €20.00", "Send", "Send message", "Delete",
    "Yes, delete", "Remove from list!", "Publish", "Post comment", "Subscribe", "Unsubscribe", "Sign me up",
    "Add to cart (2)", "Save", "Save changes", "Book now", "Cancel order", "Apply for this job", "Vote", "Like",
    "Create account", "Submit application", "Donate 5 $", "Jetzt kaufen", "Kostenpflichtig bestellen",
    "Konto löschen", "Absenden", "In den Warenkorb", "Abonnieren", "Commander", "Ajouter au panier", "Envoyer",
    "Supprimer le compte", "S’abonner", "Comprar ahora", "Enviar", "Eliminar", "Pubblica", "Acquista ora", "Invia",
    "Bestellen", "Verwijderen", "Zamów", "Usuń konto", "Skicka", "Ta bort", "Sil", "Купить", "Удалить",
    "Оформить и оплатить", "購入する", "削除", "送信", "立即购买", "删除", "提交订单", "구매하기", "삭제",
    "شراء الآن", "حذف", "שלח", "खरीदें", "ลบ", "Đặt hàng", "Adicionar ao carrinho", "Tilaa nyt", "Köp",
)  # fmt: skip
READS = (
    "", "Search", "Find", "Next", "2", "Show more", "Filter", "Apply filters", "Apply", "Remove filter",
    "Order by price", "Order history", "Sort", "Close", "Cancel", "Book", "Post", "Details", "Reject all",
    "Accept all", "Save my choices", "Save preferences", "Suche absenden", "Suchen", "Rechercher", "Buscar", "Orders",
    "Messages", "Checkout", "Menu", "Read more", "Update results", "Weiter", "Previous page", "Help", "Sign in",
    "Log in", "Show sender", "Translate", "Commandes", "検索", "次へ", "Далее", "Поиск", "搜索", "بحث",
    "Report of 2027", "Add columns", "Load more comments",
    "How to delete a file that you no longer need in the new version",
)  # fmt: skip


@pytest.mark.parametrize("label", CHANGES)
def test_a_button_that_changes_something_is_known_by_its_words(label: str) -> None:
    assert expected(label) is Expected.CHANGE


@pytest.mark.parametrize("label", READS)
def test_a_button_that_only_shows_something_is_not_taken_for_one_that_changes_it(label: str) -> None:
    assert expected(label) is Expected.READ


@pytest.mark.parametrize(
    ("label", "around", "said"),
    [("OK", "Delete project?", "change"), ("Ja", "Konto löschen?", "change"), ("Yes", "", "agree"),
     ("確認", "", "agree"), ("Submit", "Find a room", "agree"), ("Next", "Delete project?", "read")],
)  # fmt: skip
def test_a_button_that_only_agrees_is_read_with_its_heading(label: str, around: str, said: str) -> None:
    assert expected(label, around) == said
