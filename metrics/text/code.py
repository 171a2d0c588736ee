"""Code, commands and lines of logs in what people write: a machine wrote them, and they are not heard."""

from __future__ import annotations

import re

# Code, commands and lines of a log: what a machine wrote into a message. Lines of prose that name a path, a number or an
# address are none.
_LOG_LINE = re.compile(
    r"^\W*(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d[.,\]\s]|\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE|SEVERE)\b[\]:\s|]"
    r"|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d )"
    r"|^\s*(?:at [\w$.<>]+\([^)]*\)?|File \"[^\"]+\", line \d+|Traceback \(most recent call last\)|Caused by: [\w.]+|\.\.\. \d+ more$"
    r"|(?:[\w$]+\.)*[A-Z]\w*(?:Error|Exception)(?::|$)|HTTP/\d\.\d \d{3}|(?:GET|POST|PUT|DELETE|PATCH) /\S*)"
    r"|^\s*(?:\$ [a-z.]|#!/|>>> \S|PS [A-Z]:\\|[A-Z]:\\[^ ]*>|\w+@[\w.-]+:\S*[$#] )"
    r"|^\s*(?:sudo|npm|npx|yarn|pip3?|git|docker|kubectl|curl|wget|ssh|apt-get|apt|brew|systemctl|python3?|ping|traceroute|nslookup) "
    r"(?:-{1,2}\w|\S+[./:=-]\S|install\b|run\b|update\b|clone\b|pull\b|restart\b|status\b)[^?!]*$"
    r"|^\s*(?:SELECT\b.+\bFROM|INSERT INTO|UPDATE \w+ SET|CREATE TABLE|import \w[\w.]*;?$|from [\w.]+ import|def \w+\(|#include\b|function \w*\(|var \w+ =|const \w+ =|let \w+ =|return\b[^.!?]*;$|\}?\s*else\s*\{|</?[a-z][\w-]*[^<>]*>\s*$|<\?xml|\{\s*[\"'\w]+\s*:)"
)
_CODE_SIGN = re.compile(r"[{}\[\]<>=;|\\]")
_FEWEST_SIGNS, _SIGN_SHARE = 4, 0.08  # of a line that is code by its signs
_MAY_BE_CODE = re.compile(r"[{}\[\]<>=;|\\$#@\"(:/-]|\d\d:\d\d|[A-Z]{3}|^import |^from |^\.\.\. ")


def is_code(sentence: str) -> bool:
    """Whether a sentence is code, a command or a line of a log, which nobody said."""
    if _MAY_BE_CODE.search(sentence) is None:
        return False
    if _LOG_LINE.search(sentence) is not None:
        return True
    signs = _CODE_SIGN.findall(sentence)
    return len(signs) >= max(_FEWEST_SIGNS, _SIGN_SHARE * len(sentence)) and len(set(signs)) > 1
