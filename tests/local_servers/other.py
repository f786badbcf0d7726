"""What else may listen where a model server is expected."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from tests.local_servers.base import Body, LocalServer, Weights


@dataclass
class Other(LocalServer):
    """Something else that listens there. `kind`: what it answers to everything."""

    models: Sequence[Weights] = ()
    kind: str = "html"
    status: int = 404

    async def answer(self, request: web.Request, body: Body) -> web.StreamResponse:
        match self.kind:
            case "html":
                return web.Response(text="<!doctype html><title>Jenkins</title>", content_type="text/html")
            case "html with the type of JSON":
                return web.Response(text="<html>", content_type="application/json")
            case "half":
                return web.Response(text='{"object": "list", "data": [{"id"', content_type="application/json")
            case "another JSON":
                return web.json_response({"object": "list", "items": [{"id": 1}], "data": "none"})
            case "a list of other things":
                return web.json_response({"object": "list", "data": [{"id": "invoice-1"}, 7, None]})
            case "404":
                return web.Response(status=self.status, text="404 page not found")
            case "basic":
                return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'}, text="Unauthorized")
            case "redirect":
                raise web.HTTPFound("/login")
            case "hang":
                await self.released.wait()
                return web.Response()
            case _:
                raise AssertionError(self.kind)
