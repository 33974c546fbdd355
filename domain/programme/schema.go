package programme

import (
	"bytes"
	"encoding/json"
	"slices"
)

// SchemaID is the name by which the JSON Schema of a programme is known.
const SchemaID = "urn:certledger:programme.schema.json"

// Schema is the JSON Schema (2020-12) of a programme and of an overlay, made
// from the description of the language in this package. It is for editors: it
// knows every key, the closed words and the shapes of values. Whether names are
// declared, units agree and levels can be reached only Parse knows.
func Schema() []byte {
	defs := map[string]any{}
	for _, t := range tables() {
		defs[t.name] = t.schema()
	}
	for name, f := range sharedForms() { // order-free: keys of a table that is sorted when written
		defs[name] = f
	}
	out := map[string]any{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         SchemaID,
		"title":       "A certifying body's programme",
		"description": "The rules of a certifying body, as certledger reads them: docs/programme-language.md.",
		"if":          form{"required": []string{"based-on"}, "not": form{"required": []string{"overlay"}}},
		"then":        refTo("overlay"),
		"else":        refTo("programme"),
		"$defs":       defs,
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		panic("programme: the schema cannot be written: " + err.Error())
	}
	return b.Bytes()
}

// form is a piece of JSON Schema.
type form map[string]any

// tableForm describes a table with a closed set of keys.
type tableForm struct {
	name    string // in $defs
	says    string
	keys    []keyForm
	besides form // what else the schema says of the table
}

// keyForm is one key: what its value is like, and what it says.
type keyForm struct {
	key  string
	is   form
	says string
	need bool
}

func need(key string, is form, says string) keyForm { return keyForm{key, is, says, true} }
func may(key string, is form, says string) keyForm  { return keyForm{key, is, says, false} }

func (t tableForm) schema() form {
	properties, required := form{}, []string{}
	for _, k := range t.keys {
		p := form{"description": k.says}
		for word, v := range k.is { // order-free: copied into another table
			p[word] = v
		}
		properties[k.key] = p
		if k.need {
			required = append(required, k.key)
		}
	}
	out := form{"type": "object", "description": t.says, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	for word, v := range t.besides { // order-free: copied into another table
		out[word] = v
	}
	return out
}

func (t tableForm) keyNames() []string { return keys(t.keys, func(k keyForm) string { return k.key }) }

// The forms that values have.

func refTo(name string) form { return form{"$ref": "#/$defs/" + name} }

func anyOf(forms ...form) form { return form{"anyOf": forms} }

func oneWord(words ...string) form { return form{"enum": words} }

func listOf(f form) form { return form{"type": "array", "items": f, "minItems": 1} }

// oneOrMore is a value or a list of them.
func oneOrMore(f form) form { return anyOf(f, listOf(f)) }

// namesOf is a table from names to something.
func namesOf(f form) form {
	return form{"type": "object", "additionalProperties": f, "propertyNames": form{"pattern": slug.String()}}
}

var (
	aText   = form{"type": "string", "minLength": 1}
	aTruth  = form{"type": "boolean"}
	onlyYes = form{"const": true}

	aName     = refTo("name")
	aNumber   = refTo("number")
	aMoment   = refTo("moment")
	aWindow   = refTo("window")
	theSource = oneOrMore(refTo("place"))
	theNames  = oneOrMore(refTo("name"))
	aLength   = refTo("number")
	words     = oneOrMore(refTo("category"))
)

// sharedForms are the forms of values that are no tables of their own.
func sharedForms() map[string]form {
	return map[string]form{
		"name": {
			"description": "Small letters, digits and hyphens, at most 64.", "anyOf": []form{
				{"type": "string", "pattern": slug.String()}, {"type": "integer", "minimum": 0},
			},
		},
		"category": {
			"description": "A name, or a path of names: person-to-person/remote.", "anyOf": []form{
				{"type": "string", "pattern": category.String()}, {"type": "integer", "minimum": 0},
			},
		},
		"place": {
			"description": "A source's id, alone or followed by a hyphen and a place in it.", "anyOf": []form{
				{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0},
			},
		},
		"number": {
			"description": "A number with its unit, as in 50 h, 12 credits, 51 %, 26.00 USD, 2 years; a bare number of things; or the name of a parameter.",
			"anyOf":       []form{{"type": "string", "minLength": 1}, {"type": "number", "minimum": 0}},
		},
		"moment": {
			"description": "A day: [6 months before|15 January after] met REQUIREMENT, filed SUBMISSION, start of period, end of period, granted AWARD, expiry of AWARD, entered STATUS, today, 2026-04-20. Of several the latest begins and the earliest ends.",
			"anyOf":       []form{aText, listOf(aText)},
		},
		"toBeSupplied": {
			"description": "A value that no source states, and that has to be supplied before publishing.",
			"type":        "object", "properties": form{"required": onlyYes}, "required": []string{"required"}, "additionalProperties": false,
		},
		"bound": {
			"description": "A number with its unit, a parameter, or a share of one of these, rounded up.", "anyOf": []form{aNumber, refTo("share")},
		},
	}
}

// tables describe every table of the language.
func tables() []tableForm {
	return append(wholeTables(), overlayTables()...)
}

// wholeTables describe a programme that stands alone.
func wholeTables() []tableForm {
	out := slices.Concat(headTables(), classTables(), askedTables(), ruleTables(), lifeTables())
	for i, t := range out {
		if slices.ContainsFunc(renamable, func(section string) bool { return itemOf[section] == t.name }) {
			out[i].keys = with(t.keys, may("was", aName, "The key that it had in the version before."))
		}
	}
	return out
}

// itemOf says what a section names.
var itemOf = map[string]string{
	"parameters": "parameter", "periods": "period", "awards": "award", "rubrics": "rubric", "questions": "question", "submissions": "submission",
	"tasks": "task", "measures": "measure", "requirements": "requirement", "statuses": "status", "words": "word", "topics": "topics",
}

// rests are the keys of what a thing rests on.
func rests() []keyForm {
	return []keyForm{
		may("source", theSource, "The place in the sources that it rests on."),
		may("assumes", oneOrMore(aText), "The assumptions that it rests on."),
	}
}

func with(own []keyForm, more ...keyForm) []keyForm { return append(slices.Clone(own), more...) }
