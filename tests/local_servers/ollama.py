"""Ollama, as its API documentation has it."""

from dataclasses import dataclass

from aiohttp import web

from tests.local_servers.base import Body, LocalServer, Weights, completion, refused


@dataclass
class Ollama(LocalServer):
    """`ollama serve`. Its window is OLLAMA_CONTEXT_LENGTH, unless the model's parameters set another. `keeps`: whether
    a model stays loaded after a request."""

    keeps: bool = True

    def guarded(self, path: str) -> bool:
        return False

    async def answer(self, request: web.Request, body: Body) -> web.StreamResponse:
        match request.method, request.path:
            case "GET", "/api/version":
                return web.json_response({"version": "0.13.5"})
            case "GET", "/api/tags":
                return web.json_response({"models": [self._row(one) for one in self.models]})
            case "GET", "/api/ps":
                return web.json_response({"models": [self._running(one) for one in self.models if one.loaded]})
            case "GET", "/v1/models":
                found = [
                    {"id": one.name, "object": "model", "created": 1, "owned_by": "library"} for one in self.models
                ]
                return web.json_response({"object": "list", "data": found or None})
            case "POST", "/api/show":
                model = self._named(body)
                return web.json_response(self._shown(model)) if model else self._missing(body)
            case "POST", "/api/generate":
                model = self._named(body)
                if model is None:
                    return self._missing(body)
                assert not body.get("prompt") and not body.get("options"), "nothing but loading is expected here"
                self.load(model)
                model.loaded = self.keeps
                return web.json_response({"model": model.name, "response": "", "done": True, "done_reason": "load"})
            case "POST", "/v1/chat/completions":
                return self._chat(body)
            case _:
                return web.Response(status=404, text="404 page not found")

    def _chat(self, body: Body) -> web.Response:
        model = self._named(body)
        if model is None:
            return refused(404, f"model '{body.get('model')}' not found", "not_found_error")
        if not model.chats:
            return refused(400, f'"{model.name}" does not support chat', "api_error")
        if body.get("tools") and not model.tools:
            return refused(400, f"registry.ollama.ai/library/{model.name} does not support tools", "api_error")
        self.load(model)
        return completion(model, body)

    def _named(self, body: Body) -> Weights | None:
        return self.of(body.get("model")) or self.of(f"{body.get('model')}:latest")

    def _missing(self, body: Body) -> web.Response:
        return web.json_response({"error": f"model '{body.get('model')}' not found"}, status=404)

    def _row(self, model: Weights) -> Body:
        remote: Body = {"remote_model": model.name, "remote_host": "https://ollama.com:443"} if model.remote else {}
        details = {"format": "gguf", "family": "qwen3", "parameter_size": "8.2B", "quantization_level": "Q4_K_M"}
        return {"name": model.name, "model": model.name, "modified_at": "2025-05-10T08:06:48-07:00", "size": 5,
                "digest": "0a8c", "details": details, **remote}  # fmt: skip

    def _running(self, model: Weights) -> Body:
        held = model.lent or model.num_ctx or self.window
        return self._row(model) | {"expires_at": "2026-01-01T00:00:00Z", "size_vram": 1, "context_length": held}

    def _shown(self, model: Weights) -> Body:
        able = ["completion", *(["tools"] if model.tools else [])] if model.chats else ["embedding"]
        parameters = 'stop                           "<|im_end|>"'
        if model.num_ctx:
            parameters += f"\nnum_ctx                        {model.num_ctx}"
        info = {"general.architecture": "qwen3", "qwen3.context_length": model.most, "qwen3.block_count": 36}
        return {"modelfile": "# Modelfile", "parameters": parameters, "template": "{{ .Prompt }}", "model_info": info,
                "details": {"family": "qwen3"}, "capabilities": able}  # fmt: skip
