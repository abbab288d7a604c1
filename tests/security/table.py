"""What every route gives to whom. A new route needs a row here, and a row its route: `test_routes.py` compares."""

from dataclasses import dataclass, field

# Who tries: nobody; a citizen with her chat's token; staff and an administrator of another agency; our own staff and
# administrator. Everything that is asked for belongs to Aldealba, and the chat to this citizen.
WHO = ("nobody", "citizen", "other_staff", "other_administrator", "staff", "administrator")
Answer = int | str  # a status, or the beginning of the address that a redirect leads to
SIGN_IN = "/desk/sign-in"


@dataclass(frozen=True)
class Row:
    """One method of one route: what each of WHO gets, and what is sent."""

    method: str
    path: str
    answers: tuple[Answer, ...]
    sent: dict[str, str] = field(default_factory=dict)
    as_json: bool = False
    open: bool = False  # answers nobody in particular, and yet takes a form

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the others."""
        return self.method, self.path


def public(method: str, path: str, answer: Answer, **more: object) -> Row:
    """The same for everybody."""
    return Row(method, path, (answer,) * len(WHO), **more)  # type: ignore[arg-type]


def chat(method: str, path: str, answer: Answer, **sent: str) -> Row:
    """The citizen's own conversation: for nobody else, not even for staff."""
    return Row(method, path, (401, answer, 401, 401, 401, 401), sent, as_json=True)


def signed(method: str, path: str, answer: Answer, **sent: str) -> Row:
    """A page of everybody who has signed in; it shows only what belongs to her agency."""
    return Row(method, path, (SIGN_IN, SIGN_IN, answer, answer, answer, answer), sent)


def ours(method: str, path: str, answer: Answer, **sent: str) -> Row:
    """Something of Aldealba: for Riomar it does not exist."""
    return Row(method, path, (SIGN_IN, SIGN_IN, 404, 404, answer, answer), sent)


def administrators(method: str, path: str, answer: Answer, foreign: Answer, **sent: str) -> Row:
    """For administrators; `foreign` is what one of another agency gets."""
    return Row(method, path, (SIGN_IN, SIGN_IN, 403, foreign, 403, answer), sent)


CHAT = "/api/chat/v1/conversations"
TALK = "/desk/conversations/{conversation_id}"
PERSON = "/desk/people/{staff_id}"
ANSWER = "/studio/answers/{name}"
TABLE = (
    # operators
    public("GET", "/healthz", 200),
    public("GET", "/readyz", 200),
    public("GET", "/metrics", 200),
    public("GET", "/openapi.json", 200),
    # citizens
    public("GET", "/", 200),
    public("GET", "/example", 200),
    public("GET", "/privacy", 200),
    Row("POST", "/chat/my-data", (401, 401, 401, 401, 401, 401), {"file": "mydata.txt"}),  # hers needs the form's token
    Row("POST", "/chat", ("/", 401, "/", "/", "/", "/"), {"text": "hola"}),  # hers needs the token of its form
    public("POST", CHAT, 201, as_json=True),
    chat("POST", CHAT + "/{conversation_id}/messages", 202, id="m1", text="hola"),
    chat("GET", CHAT + "/{conversation_id}/messages", 200),
    chat("GET", CHAT + "/{conversation_id}/events", 200),
    chat("POST", CHAT + "/{conversation_id}/messages/{seq}/feedback", 204, useful="true"),
    chat("POST", CHAT + "/{conversation_id}/mydata", 200),
    public("POST", "/telegram/webhook", 401, as_json=True),
    public("POST", "/telegram/webhook/{agency}", 401, as_json=True),
    # files that are the same for all
    public("GET", "/static/chat/widget.js", 200),
    public("GET", "/static/chat/texts.ca.json", 200),
    public("GET", "/static/desk/desk.css", 200),
    public("GET", "/static/studio/studio.css", 200),
    public("GET", "/static/base.css", 200),
    # the way in
    Row("GET", "/desk/sign-in", (200, 200, "/desk", "/desk", "/desk", "/desk")),
    Row("POST", "/desk/sign-in", (422, 422, 422, 422, 422, 429), open=True),  # the sixth wrong one in a row waits
    # both lead back to the sign-in, since nobody has come as far as these steps
    public("GET", "/desk/sign-in/code", "/desk/sign-in"),
    public("POST", "/desk/sign-in/code", "/desk/sign-in", open=True),
    public("GET", "/desk/sign-in/set-up", "/desk/sign-in"),
    public("POST", "/desk/sign-in/set-up", "/desk/sign-in", open=True),
    public("GET", "/desk/sso", 404),  # none is set
    public("GET", "/desk/sso/back", 404),
    public("GET", "/desk/join", 200),
    public("POST", "/desk/join", 422, open=True),
    public("GET", "/desk/first", 200),
    public("POST", "/desk/first", 422, open=True),
    public("POST", "/desk/language", "/desk", open=True),
    # the desk
    signed("GET", "/desk", 200),
    signed("GET", "/desk/", "/desk"),
    signed("GET", "/desk/list", 200),
    Row("GET", "/desk/next", (SIGN_IN, SIGN_IN, "/desk", "/desk", "/desk/conversations/c_", "/desk/conversations/c_")),
    signed("GET", "/desk/accent.css", 200),
    signed("GET", "/desk/live", 200),
    ours("GET", TALK, 200),
    ours("GET", TALK + "/updates", 200),
    ours("GET", TALK + "/close", 200),
    ours("GET", TALK + "/take-over", "/desk/conversations/c_"),
    ours("POST", TALK + "/take-over", 409, why="hola"),
    ours("POST", TALK + "/claim", "/desk/conversations/c_"),
    ours("POST", TALK + "/hand-back", 409),
    ours("POST", TALK + "/close", "/desk/conversations/c_"),
    ours("POST", TALK + "/reply", 409, text="hola"),
    ours("POST", TALK + "/note", "/desk/conversations/c_", text="hola"),
    ours("POST", TALK + "/draft", 200, text="hola"),
    ours("POST", TALK + "/typing", 204),
    ours("POST", TALK + "/messages/{seq}/retry", 409),
    signed("GET", "/desk/items", 200),
    ours("GET", "/desk/items/{item_id}", 200),
    ours("POST", "/desk/items/{item_id}/state", "/desk/items/", to_state="assigned", note="hola"),
    # one's own account
    signed("GET", "/desk/account", 200),
    signed("POST", "/desk/account/password", 422, old="no", new="una frase larga y otra"),
    signed("GET", "/desk/account/second-factor", 200),
    signed("POST", "/desk/account/second-factor", 422, draft="made up", code="123456"),
    signed("POST", "/desk/account/second-factor/off", 409, old="no"),
    signed("POST", "/desk/account/recovery-codes", 409, old="no"),
    signed("POST", "/desk/account/sessions/end", "/desk/account", which="of nobody"),
    # the accounts of the agency
    administrators("GET", "/desk/people", 200, 200),
    administrators("POST", "/desk/people", 422, 422, email="nobody"),
    administrators("GET", PERSON, 200, 404),
    administrators("GET", PERSON + "/close", 200, 404),
    administrators("POST", PERSON + "/role", "/desk/people/", 404, role="administrator"),
    administrators("POST", PERSON + "/close", "/desk/people/", 404),
    administrators("POST", PERSON + "/reopen", "/desk/people/", 404),
    administrators("POST", PERSON + "/password", 200, 404),
    administrators("POST", PERSON + "/second-factor", "/desk/people/", 404),
    signed("GET", "/desk/{rest:path}", 404),
    signed("POST", "/desk/{rest:path}", 404),
    # the studio
    administrators("GET", "/studio/{rest:path}", 404, 404),
    administrators("POST", "/studio/{rest:path}", 404, 404),
    administrators("GET", "/studio", 200, 200),
    administrators("GET", "/studio/assistant", 200, 200),
    administrators("POST", "/studio/assistant", "/studio/assistant", "/studio/assistant", to="on"),
    administrators("GET", "/studio/questions", 200, 200),
    administrators("POST", "/studio/questions/{question_id}", "/studio/questions", 404, to="done"),
    administrators("GET", ANSWER, 200, 404),
    administrators("POST", ANSWER, 422, 404),
    administrators("POST", ANSWER + "/preview", 200, 404),
    administrators("GET", ANSWER + "/versions", 200, 404),
    administrators("GET", ANSWER + "/versions/{commit}", 200, 404),
    administrators("POST", ANSWER + "/versions/{commit}", 409, 404),
    # last: it ends the session of whoever tries
    signed("POST", "/desk/sign-out", SIGN_IN),
)
