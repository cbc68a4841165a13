"""What is wrong with rule files, and why trials of them fail, as sentences of the catalogue: those of `service.scoring`, `service.rule_files` and `workers.trials`.

They are written there in English, with the values filled in. Here they have places instead; what stands in a place called as a group
below (`where`, `kind`, `template`, ...) is a sentence of that group itself.
"""

from __future__ import annotations

from service.web.language import said

#: From the special to the general: the first that fits is taken.
PROBLEMS: tuple[str, ...] = (
    # files as such
    said("the file is missing: every pack has one"),
    said("the file is empty"),
    said("the file cannot be read, or is not UTF-8"),
    said("the file cannot be read: %(why)s"),
    said("the file has %(size)s bytes; at most %(limit)s are allowed"),
    said("the file has more than %(limit)s values, with those that *aliases repeat"),
    said("nested deeper than %(limit)s levels"),
    said("this is not YAML: %(yaml)s"),
    said("a key must be a word"),
    said("the key %(key)s stands there twice"),
    said("the files give no pack"),
    said("the test file %(file)s beside it is missing"),
    said("there is no rule beside it: expected %(file)s"),
    said("a rule's file name has lower-case letters, digits and _; found %(found)s"),
    said("a list's file name has lower-case letters, digits and _; found %(found)s"),
    said("no place for a rule: expected %(folder)s/ and one of %(groups)s"),
    # what no single file can tell
    said("'script': there is no file script/%(item)s.yaml"),
    said("the item %(item)s is not in the 'script' list of %(file)s"),
    said("%(group)s are %(known)s; found %(found)s"),
    said(
        "there is no objection type %(type)s for this argument; expected one of the files in objections/, or general.yaml"
    ),
    said("the policy asks for the step %(step)s, but there is no %(file)s"),
    said("objections need the reaction rule %(file)s"),
    said("no argument speaks to %(type)s: expected %(one)s or %(other)s"),
    said("rule id %(name)s is already used by %(place)s"),
    said("rules refer to one another in a circle: %(circle)s"),
    said("'order_after': expected a script item, %(name)s is none"),
    said("%(key)s: unknown rule %(name)s; did you mean %(near)s?"),
    said("%(key)s: unknown rule %(name)s; the pack has %(known)s"),
    said("%(key)s: the rule refers to itself"),
    # rules
    said("'id': expected %(name)s, the name of the file; found %(found)s"),
    said("'id': expected %(name)s, the name of the pack's folder; found %(found)s"),
    said("'version': expected three numbers such as 1.0.0, found %(found)s"),
    said("'speaker': rules in %(group)s are spoken by the %(usual)s, found %(found)s"),
    said("the rule can never fire: expected 'phrases', 'token_patterns', 'like', 'all_of' or 'any_of'"),
    said("the rule can never fire: it has conditions but nothing to find"),
    said("%(key)s cannot stand beside %(other)s: a rule is built from others or finds words"),
    said("'unless' means nothing without 'phrases'"),
    said("'weight': 0 leaves the item out; delete it, or give it a weight above 0"),
    said("'within': expected one of %(known)s"),
    said("%(key)s: the same template stands in line %(line)s"),
    said("'token_patterns': expected a list of token descriptions such as %(example)s"),
    said("'token_patterns': the pattern does not work: %(spacy)s"),
    said("'token_patterns': the pattern matches anything; at least one token must have a condition beside OP"),
    said(
        "'token_patterns': at most %(tokens)s tokens may have OP, %(wild)s of them without another condition; write phrases with gaps"
    ),
    said("'token_patterns': unknown token attribute %(name)s; expected one of %(known)s"),
    said("'token_patterns': unknown comparison %(name)s; expected one of %(known)s"),
    said("'token_patterns': unknown operator %(name)s; expected %(known)s or %(last)s"),
    said("'token_patterns': the value of %(name)s must be a word, a number, true or false, or a comparison"),
    # pack.yaml
    said("'argumentation': the last row must have no conditions, so that every objection gets points"),
    said("'argumentation': a row without conditions before the last; no row after it is ever reached"),
    said("'argumentation': expected at least one row"),
    said("'n': %(count)s of %(all)s steps can never hold"),
    said("a step is both in 'all_of' and in 'none_of': this can never hold"),
    said("'severity': from_violation is only for the flag 'violation'"),
    said("'below' means nothing for %(code)s"),
    # tests, examples and lists
    said("the same sentence stands in line %(line)s"),
    said("the same utterance stands in 'like' and in 'unlike'"),
    said("%(key)s: %(found)s sentences; expected at least %(fewest)s"),
    said("'like': %(found)s examples; expected at least %(fewest)s"),
    said("'like': nothing to tell the examples from; expected at least %(fewest)s in 'unlike' or a baseline"),
    said("'list': expected at least one template"),
    # values, whatever they are of: from the special to the general
    said("column %(column)s: %(template)s (in %(text)s)"),
    said("%(where)s: expected a mapping with %(known)s; found %(kind)s"),
    said("%(where)s: unknown key %(key)s; did you mean %(near)s?"),
    said("%(where)s: unknown key %(key)s; expected one of %(known)s"),
    said("%(where)s: %(key)s is missing"),
    said("%(where)s: %(found)s characters are too long; at most %(limit)s"),
    said("%(where)s: expected a text, found %(kind)s"),
    said("%(where)s: expected a list, found %(kind)s"),
    said("%(where)s: expected true or false, found %(kind)s"),
    said("%(where)s: expected a number, found %(kind)s"),
    said("%(where)s: expected a whole number, found %(kind)s"),
    said("%(where)s: %(value)s is out of range; expected a number from %(low)s to %(high)s"),
    said("%(where)s: %(value)s is out of range; expected a number of at least %(low)s"),
    said("%(where)s: expected one of %(known)s; found %(kind)s"),
    said("%(where)s: expected lower-case letters, digits and _, found %(kind)s"),
    said("%(where)s: an entry stands there twice"),
    said("%(where)s: %(item)s stands there twice"),
)
#: What a value belongs to.
WHERE: tuple[str, ...] = (
    said("an entry of %(key)s"),
    said("rule"),
    said("test file"),
    said("example file"),
    said("baseline"),
    said("list"),
    said("KPI file"),
)
#: What was found instead.
KIND: tuple[str, ...] = (
    said("nothing"),
    said("true or false"),
    said("a number"),
    said("a text"),
    said("an empty one"),
    said("a list"),
    said("a mapping"),
)
#: What is wrong with a template of a phrase.
TEMPLATE: tuple[str, ...] = (
    said("the template is %(found)s characters long; at most %(limit)s are allowed"),
    said("brackets are nested deeper than %(limit)s"),
    said("unexpected %(sign)s: expected %(wanted)s"),
    said("unexpected %(sign)s: nothing was opened"),
    said("unexpected %(sign)s; expected a word, ( [ < or a quote"),
    said("nothing stands here; expected a word (an optional word is written [word])"),
    said("<%(name)s> is no list name; expected lower-case letters, digits and _"),
    said("the quotes hold no word"),
    said("word+ is not part of templates"),
    said("a fuzzy word needs at least %(least)s letters and nothing else"),
    said("a gap of %(size)s words; expected %(low)s to %(high)s"),
    said("expected a space here: a template is made of whole words"),
    said("{N,M} is not part of templates; write ..N.. for a gap"),
    said("~ must follow a word without a space"),
    said("the list name is never closed; expected %(sign)s"),
    said("the quote is never closed; expected %(sign)s"),
    said("%(opened)s is never closed; expected %(sign)s"),
    said("the template matches the empty string; at least one word must be required"),
    said("the template can be said in more than %(limit)s ways; split it up"),
    said("this holds no word"),
    said("unknown list <%(name)s>; there are: %(known)s"),
    said("list <%(name)s> contains itself"),
)
#: What libyaml says.
YAML: tuple[str, ...] = (
    said("mapping values are not allowed in this context"),
    said("mapping keys are not allowed in this context"),
    said("block sequence entries are not allowed in this context"),
    said("could not find expected ':'"),
    said("did not find expected key"),
    said("did not find expected '-' indicator"),
    said("did not find expected ',' or ']'"),
    said("did not find expected ',' or '}'"),
    said("did not find expected node content"),
    said("did not find expected <document start>"),
    said("did not find expected comment or line break"),
    said("did not find expected whitespace or line break"),
    said("did not find expected alphabetic or numeric character"),
    said("did not find expected hexdecimal number"),
    said("found character that cannot start any token"),
    said("found a tab character where an indentation space is expected"),
    said("found a tab character that violates indentation"),
    said("found unexpected end of stream"),
    said("found unexpected document indicator"),
    said("found unknown escape character"),
    said("found undefined alias"),
    said("found undefined alias %(name)s"),
    said("found undefined tag handle"),
    said("found unexpected ':'"),
    said("but found another document"),
    said("second occurrence"),
    said("unacceptable character…"),
)
#: What spaCy says about a raw pattern.
SPACY: tuple[str, ...] = (
    said("REGEX: %(regex)s"),
    said("[%(place)s] Input should be a valid boolean"),
    said("[%(place)s] Input should be a valid integer"),
    said("[%(place)s] Input should be a valid string"),
    said("[%(place)s] Input should be a valid dictionary or instance of TokenPatternString"),
    said("[%(place)s] Input should be a valid dictionary or instance of TokenPatternNumber"),
    said("[%(place)s] Input should be a valid list"),
    said("[%(place)s] Input should be a valid number"),
    said("[%(place)s] Input should be greater than or equal to %(limit)s"),
    said("[%(place)s] Extra inputs are not permitted"),
    said("[E154] One of the attributes or values is not supported…"),
)
#: What Python says about a regular expression.
REGEX: tuple[str, ...] = (
    said("unterminated character set at position %(at)s"),
    said("missing ), unterminated subpattern at position %(at)s"),
    said("unbalanced parenthesis at position %(at)s"),
    said("nothing to repeat at position %(at)s"),
    said("multiple repeat at position %(at)s"),
    said("bad escape %(sign)s at position %(at)s"),
    said("bad escape (end of pattern) at position %(at)s"),
    said("bad character range %(range)s at position %(at)s"),
    said("unknown extension %(sign)s at position %(at)s"),
    said("min repeat greater than max repeat at position %(at)s"),
    said("look-behind requires fixed-width pattern"),
)
#: Why a trial, or a job that scores again, was not finished.
TRIALS: tuple[str, ...] = (
    said("the worker stopped without a word each time it worked on this; its log may say why"),
    said("unforeseen %(name)s; the worker's log has the details"),
    said("the files of this version are not kept any more"),
    said("a stored text is damaged; restore the database from a backup"),
    said("no draft has the id %(id)s; it may have been thrown away"),
    said("a stored text is damaged: its bytes do not match their hash; restore the database from a backup"),
    said("the files of a rule pack are damaged: they do not match their hash; restore the database from a backup"),
    said("the rules folder has no pack %(pack)s for language %(language)s"),
    said("there is no pack %(pack)s for language %(language)s; it exists in %(known)s"),
)
