"""Addresses that do something when they are opened are told apart from those that are only read."""

import pytest

from agents.tools.browser.sends.state_changing_addresses import acts, logs_out

ACTING = (
    "/cart/add?id=1", "/cart/add/1", "/cart.php?action=add&id=1", "/?add-to-cart=123", "/shop/?remove_item=ab12&_n=1",
    "/add-to-cart/7", "/basket/7/remove", "/logout", "/users/sign_out", "/wp-login.php?action=logout", "/?logout=1",
    "/log-out", "/account/abmelden", "/unsubscribe?token=abc", "/u/unsubscribe/9f8e7d6c5b4a39281706", "/delete?id=4",
    "/items/4/delete", "/posts/4/delete", "/api/items/4/delete", "/vote?id=1&how=up", "/vote?option=2", "/?vote=up",
    "/confirm?token=x1", "/confirm/0a1b2c3d4e5f60718293", "/verify?token=abc", "/verify-email?key=1",
    "/subscribe?email=ada%40b.test", "/newsletter?email=ada%40b.test", "/orders/7/cancel", "/approve?request=7",
    "/rsvp?answer=yes&event=2", "/index.php?do=deletePost&id=3", "/ajax?op=cart.add&sku=2", "/invite/decline?code=7",
    "/buy-now?sku=7", "/artikel/7/loeschen", "/panier/ajouter?ref_produit=7", "/message/send?to=ada",
)  # fmt: skip
READING = (
    "/", "/cart", "/cart?id=1", "/checkout", "/orders", "/orders/7", "/order?id=7", "/search?q=delete", "/delete",
    "/docs/items/7/delete", "/docs/delete?version=2", "/help/unsubscribe?lang=de", "/wiki/Vote?id=7",
    "/w/index.php?title=Delete&action=edit", "/w/index.php?title=Vote&action=history", "/blog/how-to-delete-a-file",
    "/blog/delete", "/questions/12/how-to-add-a-file", "/subscribe", "/subscribe?plan=pro", "/unsubscribe",
    "/unsubscribe?lang=de&utm_source=mail", "/vote", "/vote/2027-15", "/bills/7/vote", "/confirm", "/verify/AB12CD34",
    "/verify?serial=12", "/items/7/edit", "/items/new?template=2", "/add.html?id=1", "/reports?id=7", "/like/7",
    "/share?url=x", "/archive?year=2020", "/users?sort=name&order=add", "/posts?filter=send", "/login?token=abc",
    "/auth/callback?code=1&state=2", "/man/send.2", "/api/orders/create", "/list?action=search&q=x", "/buy/blue-mug",
    "/compare?add", "/uc?export=download&confirm=t&id=9", "/follow/ada", "/dictionary/confirm", "/user.php?action=add",
    "/products?page=2&remove=", "/topics/accept", "/book?id=7", "/read?article=delete&page=2", "/sign-in", "/pay?i=7",
    "/help/logout", "/blog/logout",
)  # fmt: skip


@pytest.mark.parametrize("path", ACTING)
def test_an_address_that_does_something_is_known(path: str) -> None:
    assert acts(f"https://shop.test{path}")


@pytest.mark.parametrize("path", READING)
def test_an_address_that_is_only_read_is_not_taken_for_one_that_does_something(path: str) -> None:
    assert not acts(f"https://shop.test{path}")


def test_a_site_about_something_is_only_read() -> None:
    assert not acts("https://docs.shop.test/items/7/delete")


def test_the_end_of_a_session_is_known_by_itself() -> None:
    assert logs_out("https://shop.test/logout?reason=expired") and not logs_out("https://shop.test/cart/add?id=1")
