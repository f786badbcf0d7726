"""vLLM's server."""

from dataclasses import dataclass

from aiohttp import web

from tests.local_servers.base import Body, LocalServer, completion, refused


@dataclass
class VLLM(LocalServer):
    """`vllm serve`. `parser`: whether it was started with tool calling."""

    parser: bool = True
    paths_by_task: bool = False
    """Whether a server of a model that can't chat lacks the path, as newer ones do."""

    async def answer(self, request: web.Request, body: Body) -> web.StreamResponse:
        match request.method, request.path:
            case "GET", "/v1/models":
                found = [{"id": one.name, "object": "model", "created": 1, "owned_by": "vllm", "root": one.name,
                          "parent": None, "max_model_len": self.window} for one in self.models]  # fmt: skip
                return web.json_response({"object": "list", "data": found})
            case "POST", "/v1/chat/completions" if not self.paths_by_task or self.models[0].chats:
                model = self.of(body.get("model"))
                if model is None:
                    return refused(404, f"The model `{body.get('model')}` does not exist.", "NotFoundError")
                if not model.chats:
                    return refused(400, "The model does not support Chat Completions API", "BadRequestError")
                if body.get("tools") and body.get("tool_choice", "auto") == "auto" and not self.parser:
                    words = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
                    return refused(400, words, "BadRequestError")
                return completion(model, body)
            case _:
                return web.json_response({"detail": "Not Found"}, status=404)
