"""Tools that several tasks offer. Pure."""

from agents.model_trial.trial_task import spec, text

READ_FILE = spec("read_file", "Read one text file.", path=text("path of the file"))
LIST_FILES = spec(
    "list_files", "List the names of all files in a folder.", folder=text("the folder; '.' is the top level")
)
SEARCH_FILES = spec("search_files", "Search inside all files for words.", words=text("the words to look for"))
WRITE_FILE = spec(
    "write_file", "Write one text file.", path=text("path of the file"), content=text("the complete content")
)
OPEN_PAGE = spec("open_page", "Open a web page and read its text.", url=text("URL of the page"))
SEND_MESSAGE = spec(
    "send_message", "Send a message to a person.", to=text("name of the recipient"), message=text("the message")
)
DELETE_FOLDER = spec("delete_folder", "Delete a folder and everything in it.", path=text("the folder"))
REPORT = spec(
    "report",
    "Report the result of your work. Call it last, once.",
    outcome=text("whether the request was carried out", enum=["done", "could_not"]),
    words=text("the result, or why it couldn't be done"),
)
