"""llama.cpp's server, with one model or as a router."""

from dataclasses import dataclass

from aiohttp import web

from tests.local_servers.base import Body, LocalServer, Weights, completion, refused


@dataclass
class LlamaCpp(LocalServer):
    """`llama-server`. It has one model, or many with `router`. `window` is what one slot holds."""

    jinja: bool = True
    router: bool = False

    def guarded(self, path: str) -> bool:
        return path not in ("/health", "/v1/models", "/models")

    async def answer(self, request: web.Request, body: Body) -> web.StreamResponse:
        match request.method, request.path:
            case "GET", "/v1/models":
                return web.json_response({"object": "list", "data": [self._row(one) for one in self.models]})
            case "GET", "/props":
                return self._props(request)
            case "POST", "/v1/chat/completions":
                model = self.of(body.get("model")) if self.router else self.models[0]
                return self._chat(model, body) if model else refused(400, "model not found")
            case _:
                return refused(404, "File Not Found", "not_found_error")

    def _chat(self, model: Weights, body: Body) -> web.Response:
        if not model.chats:
            return refused(501, "This server does not support completions. Start it without `--embeddings`",
                           "not_supported_error")  # fmt: skip
        if body.get("tools") and not self.jinja:
            return refused(500, "tools param requires --jinja flag", "server_error")
        self.load(model)
        return completion(model, body)

    def _row(self, model: Weights) -> Body:
        row = {"id": model.name, "object": "model", "created": 1735142223, "owned_by": "llamacpp",
               "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}}  # fmt: skip
        if self.router:
            return row | {"status": {"value": "loaded" if model.loaded else "unloaded"}}
        return row | {"meta": {"n_vocab": 128256, "n_ctx_train": model.most, "n_params": 8030261312}}

    def _props(self, request: web.Request) -> web.Response:
        model = self.of(request.query.get("model")) if self.router else self.models[0]
        if model is None:
            return refused(400, "model name is missing from the request")
        if not model.loaded and self.router:
            if request.query.get("autoload") == "false":
                return refused(400, "model is not loaded")
            self.load(model)
        return web.json_response({"default_generation_settings": {"id": 0, "n_ctx": self.window, "params": {}},
                                  "total_slots": 4, "model_path": "m.gguf", "chat_template": "...",
                                  "is_sleeping": not self.router and not model.loaded})  # fmt: skip
