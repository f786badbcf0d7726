"""LM Studio, with the lists of both versions of its API."""

from dataclasses import dataclass

from aiohttp import web

from tests.local_servers.base import Body, LocalServer, Weights, completion, refused


@dataclass
class LMStudio(LocalServer):
    """LM Studio's server. Unknown paths are answered with 200 and an error. `older`: before its API had a version 1."""

    older: bool = False

    def guarded(self, path: str) -> bool:
        return True

    async def answer(self, request: web.Request, body: Body) -> web.StreamResponse:
        match request.method, request.path:
            case "GET", "/api/v1/models" if not self.older:
                return web.json_response({"models": [self._row(one) for one in self.models]})
            case "GET", "/api/v0/models":
                return web.json_response({"object": "list", "data": [self._old_row(one) for one in self.models]})
            case "GET", "/v1/models":
                found = [{"id": one.name, "object": "model", "owned_by": "organization_owner"} for one in self.models]
                return web.json_response({"object": "list", "data": found})
            case "POST", "/v1/chat/completions":
                model = self.of(body.get("model"))
                if model is None or not model.chats:
                    return refused(400, f"Invalid model identifier {body.get('model')!r}.")
                self.load(model)
                return completion(model, body)
            case _:
                return web.json_response({"error": f"Unexpected endpoint or method. ({request.method} {request.path})"})

    def _row(self, model: Weights) -> Body:
        instances = [{"id": model.name, "config": {"context_length": self.window}}] if model.loaded else []
        row = {"type": "llm" if model.chats else "embedding", "publisher": "x", "key": model.name, "display_name": "X",
               "quantization": None, "size_bytes": 5, "params_string": None, "loaded_instances": instances,
               "max_context_length": model.most, "format": "gguf"}  # fmt: skip
        able = {"capabilities": {"vision": False, "trained_for_tool_use": model.tools}}
        return row | (able if model.chats else {})

    def _old_row(self, model: Weights) -> Body:
        row = {"id": model.name, "object": "model", "type": "llm" if model.chats else "embeddings", "publisher": "x",
               "arch": "x", "compatibility_type": "gguf", "quantization": "Q4_K_M",
               "state": "loaded" if model.loaded else "not-loaded", "max_context_length": model.most}  # fmt: skip
        return row | ({"loaded_context_length": self.window} if model.loaded else {})
