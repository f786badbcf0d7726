"""Where the web server speaks MCP, and under which name a checked request keeps the desk of its person."""

PATH = "/mcp"
CALLER = "threadwork.caller"
