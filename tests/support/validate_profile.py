"""Checks JSON files against a schema of docs/ with the reference validator.

validate_profile.py SCHEMA FILE...             prints one line a file: "ok" or the first error
validate_profile.py --complete SCHEMA FILE...  the files together must have every field that the schema describes, and no
                                               other; every field must have a description, every number a unit
"""

import json
import sys

from jsonschema import Draft202012Validator


def first_error(validator, document):
    errors = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    if not errors:
        return "ok"
    return "/" + "/".join(map(str, errors[0].absolute_path)) + ": " + errors[0].message.splitlines()[0][:200]


def object_schemas(schema):
    """Every schema of an object with named fields, by where it is."""
    yield "", schema
    yield "/schema", schema["properties"]["schema"]
    for name, definition in schema["$defs"].items():
        yield name, definition


def types_of(field):
    types = field.get("type", [])
    return set(types if isinstance(types, list) else [types])


def undescribed(schema):
    for where, fields in object_schemas(schema):
        for name, field in fields["properties"].items():
            if not field.get("description"):
                yield f"{where}/{name} has no description"
            numbers = types_of(field) | types_of(field.get("items", {})) | types_of(field.get("additionalProperties", {}))
            if numbers & {"number", "integer"} and not field.get("unit"):
                yield f"{where}/{name} has no unit"


def references(field):
    for option in [field, field.get("items", {}), *field.get("anyOf", [])]:
        if "$ref" in option:
            yield option["$ref"].rsplit("/", 1)[1]


def seen_fields(schema, definition, document, where, seen):
    """Records which fields of which definition the document has."""
    for name, value in document.items():
        field = definition["properties"].get(name)
        if field is None:
            continue
        seen.add(f"{where}/{name}")
        for target in references(field):
            for item in value if isinstance(value, list) else [value]:
                seen_fields(schema, schema["$defs"][target], item, target, seen)
        if name == "schema":
            seen_fields(schema, field, value, "/schema", seen)


def complete(schema, documents):
    closed = json.loads(json.dumps(schema))
    for _, fields in object_schemas(closed):
        fields["additionalProperties"] = False
    problems = list(undescribed(schema))
    seen = set()
    for document in documents:
        result = first_error(Draft202012Validator(closed), document)
        if result != "ok":
            problems.append(result)
        seen_fields(schema, schema, document, "", seen)
    for where, fields in object_schemas(schema):
        problems += [f"{where}/{name} is described and never written" for name in fields["properties"]
                     if f"{where}/{name}" not in seen]
    return problems


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main(arguments):
    if arguments[0] == "--complete":
        problems = complete(load(arguments[1]), [load(path) for path in arguments[2:]])
        print("\n".join(problems) or "ok")
        return 1 if problems else 0
    schema = load(arguments[0])
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path in arguments[1:]:
        print(first_error(validator, load(path)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
