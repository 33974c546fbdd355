package api

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemaName names a type in the OpenAPI document: by its own name, since no
// two of ours that are sent have the same one, and in capitals at the front.
func schemaName(t reflect.Type, hint string) string { return huma.DefaultSchemaNamer(t, hint) }

// requestProblem turns what huma found wrong with a request into a problem. Of
// what was sent it keeps nothing: of places only the names that the interface
// itself gave them.
func requestProblem(ctx huma.Context, status int, errs []error) *Problem {
	switch status {
	case http.StatusRequestTimeout:
		return bodySlow.problem()
	case http.StatusRequestEntityTooLarge:
		return bodyLarge.problem()
	case http.StatusUnsupportedMediaType:
		return notJSON.problem()
	case http.StatusBadRequest:
		p := malformed.problem()
		if len(errs) == 0 {
			return bodyMissing.problem()
		}
		for _, err := range errs {
			if d, ok := err.(*huma.ErrorDetail); ok && d.Location == "body" {
				p.Errors = append(p.Errors, FieldError{Location: "body", Detail: d.Message}) // jsonFormat wrote it
			}
		}
		return p
	case http.StatusUnprocessableEntity:
		p := invalid.problem()
		for _, err := range errs {
			if d, ok := err.(*huma.ErrorDetail); ok {
				p.Errors = append(p.Errors, fieldError(ctx.Operation(), d))
			}
		}
		return p
	}
	return internal.problem()
}

// unknownProperty is what huma calls a field that is not there.
const unknownProperty = "unexpected property"

func fieldError(op *huma.Operation, d *huma.ErrorDetail) FieldError {
	where, rest, _ := strings.Cut(d.Location, ".")
	if where != "body" {
		return parameterError(op, where, rest, d.Message)
	}
	if op.RequestBody == nil {
		return FieldError{Location: "body", Detail: "expected no body"}
	}
	schema := op.RequestBody.Content["application/json"].Schema
	at, parent, left := resolve(registryOf(op), schema, d.Location)
	out := FieldError{Location: at, Detail: d.Message}
	if d.Message == unknownProperty {
		out.Detail = "there is no such field here"
		names := propertyNames(parent)
		if len(names) > 0 {
			out.Detail += "; the fields are " + strings.Join(names, ", ")
		}
		if near := nearest(left, names); near != "" {
			out.Hint = "did you mean " + near + "?"
		}
	}
	return out
}

func parameterError(op *huma.Operation, where, name, message string) FieldError {
	var names []string
	for _, p := range op.Parameters {
		if p.In == where {
			names = append(names, p.Name)
		}
	}
	if slices.Contains(names, name) {
		return FieldError{Location: where + "." + name, Detail: message}
	}
	out := FieldError{Location: where, Detail: "there is no such parameter here"}
	if len(names) > 0 {
		out.Detail += "; the parameters are " + strings.Join(names, ", ")
	}
	if near := nearest(name, names); near != "" {
		out.Hint = "did you mean " + near + "?"
	}
	return out
}

// registryOf is the schemas of the server that an operation belongs to.
func registryOf(op *huma.Operation) huma.Registry {
	r, _ := op.Metadata["schemas"].(huma.Registry)
	return r
}

// resolve follows a place in a body as far as the schema knows it. It answers
// with that part of the place, the schema there, and what was left of it.
func resolve(r huma.Registry, schema *huma.Schema, location string) (at string, parent *huma.Schema, left string) {
	at, left = "body", strings.TrimPrefix(location, "body")
	for {
		for schema != nil && schema.Ref != "" {
			schema = r.SchemaFromRef(schema.Ref)
		}
		switch {
		case schema == nil || left == "":
			return at, schema, strings.TrimPrefix(left, ".")
		case left[0] == '[':
			index, after, ok := strings.Cut(left[1:], "]")
			if _, number := parseNumber(index); !ok || !number || schema.Items == nil {
				return at, schema, ""
			}
			at, left, schema = at+"["+index+"]", after, schema.Items
		default:
			name := strings.TrimPrefix(left, ".")
			best := ""
			for p := range schema.Properties {
				rest, ok := strings.CutPrefix(name, p)
				if ok && len(p) > len(best) && (rest == "" || rest[0] == '.' || rest[0] == '[') {
					best = p
				}
			}
			if best == "" {
				return at, schema, name
			}
			at, left, schema = at+"."+best, strings.TrimPrefix(name, best), schema.Properties[best]
		}
	}
}

func propertyNames(s *huma.Schema) []string {
	if s == nil {
		return nil
	}
	var out []string
	for p := range s.Properties {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// nearest is the name that was probably meant, empty where none is near.
func nearest(typed string, names []string) string {
	best, least := "", 3
	for _, n := range names {
		if d := distance(strings.ToLower(typed), n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance counts the letters to change, add or take away to make b of a. Texts
// that are long anyway are far apart.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			left, row[j+1] = row[j+1], min(left+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func compareText(a, b string) int { return strings.Compare(a, b) }
