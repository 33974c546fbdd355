package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/api/web"
)

// pagePolicy lets the reference page load its own style sheet and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// referenceRoutes serve the OpenAPI document and the page made of it. Both are
// made once.
func (s *server) referenceRoutes() error {
	document, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	if err != nil {
		return fmt.Errorf("write the OpenAPI document: %w", err)
	}
	s.document = append(document, '\n')
	var page bytes.Buffer
	if err := s.reference().Render(&page); err != nil {
		return fmt.Errorf("write the reference: %w", err)
	}
	serve := func(path, kind string, content []byte, policy string) {
		s.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", kind)
			h.Set("Cache-Control", "public, max-age=300")
			if policy != "" {
				h.Set("Content-Security-Policy", policy)
			}
			_, _ = w.Write(content) // the connection is gone; nobody is there to be told
		})
	}
	serve("/openapi.json", "application/openapi+json", s.document, "")
	serve("/docs", "text/html; charset=utf-8", page.Bytes(), pagePolicy)
	serve("/docs/style.css", "text/css; charset=utf-8", web.Style(), "")
	return nil
}

func (s *server) reference() web.Reference {
	doc := s.api.OpenAPI()
	out := web.Reference{Title: doc.Info.Title, Version: doc.Info.Version, Intro: paragraphs(doc.Info.Description)}
	for _, t := range tags {
		g := web.Group{Name: t.Name, Text: t.Description}
		for _, o := range s.operations {
			if o.tag == t.Name {
				g.Operations = append(g.Operations, describeOperation(doc, o))
			}
		}
		out.Groups = append(out.Groups, g)
	}
	for _, p := range Problems() {
		out.Problems = append(out.Problems, web.Problem{Type: p.Type, Title: p.Title, Detail: p.Detail, Status: p.Status})
	}
	schemas := doc.Components.Schemas.Map()
	for _, name := range sortedNames(schemas) {
		out.Types = append(out.Types, web.Type{Name: name, Fields: fieldsOf(doc, schemas[name])})
	}
	return out
}

// paragraphs is a text without its marks, for a page that writes its own.
func paragraphs(text string) []string {
	text = strings.NewReplacer("**", "", "`", "").Replace(text)
	var out []string
	for p := range strings.SplitSeq(text, "\n\n") {
		out = append(out, strings.ReplaceAll(p, "\n", " "))
	}
	return out
}

func describeOperation(doc *huma.OpenAPI, o *operation) web.Operation {
	item := doc.Paths[o.path]
	op := item.Get
	if o.method == http.MethodPost {
		op = item.Post
	}
	out := web.Operation{ID: o.id, Method: o.method, Path: o.path, Summary: o.summary, Text: paragraphs(op.Description)}
	for _, p := range op.Parameters {
		f := fieldOf(p.Name, p.Schema, p.Required)
		f.In, f.Text = p.In, p.Description
		if p.Example != nil {
			f.Example = exampleText(p.Example)
		}
		out.Parameters = append(out.Parameters, f)
	}
	if op.RequestBody != nil {
		media := op.RequestBody.Content["application/json"]
		out.Body, out.BodyOptional = fieldsOf(doc, media.Schema), !op.RequestBody.Required
		if media.Example != nil {
			example, _ := json.MarshalIndent(media.Example, "", "  ") // maps, lists and texts of ours
			out.Example = string(example)
		}
	}
	out.Command = curl(o, out.Example)
	out.Status = "200"
	if o.status != 0 {
		out.Status = itoa(o.status)
	}
	if r := op.Responses[out.Status]; r != nil {
		for _, kind := range sortedNames(r.Content) {
			if kind == "application/json" {
				out.Answer = fieldsOf(doc, r.Content[kind].Schema)
			} else {
				out.AnswerType = strings.TrimSpace(out.AnswerType + " " + kind)
			}
		}
	}
	return out
}

// curl is an operation as typed in a terminal.
func curl(o *operation, example string) string {
	path := pathNames.ReplaceAllStringFunc(o.path, func(name string) string {
		return exampleText(pathParams[strings.Trim(name, "{}")].Example)
	})
	out := `curl -H "Authorization: Bearer $CERTLEDGER_TOKEN"`
	if o.method == http.MethodPost {
		out += ` -H "Content-Type: application/json" -H "Idempotency-Key: $(uuidgen)"`
		if example == "" {
			example = "{}"
		}
		out += " \\\n  -d '" + example + "'"
	}
	return out + " \\\n  http://127.0.0.1:8080" + path
}

func exampleText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	b, _ := json.Marshal(v) // examples are texts, numbers, lists and maps of them
	return string(b)
}

// fieldsOf is the fields of an object, or of the elements of a list.
func fieldsOf(doc *huma.OpenAPI, schema *huma.Schema) []web.Field {
	if schema != nil && schema.Ref != "" {
		schema = doc.Components.Schemas.SchemaFromRef(schema.Ref)
	}
	if schema == nil {
		return nil
	}
	var out []web.Field
	names := sortedNames(schema.Properties)
	slices.SortStableFunc(names, func(a, b string) int { // required ones first
		return boolRank(slices.Contains(schema.Required, a)) - boolRank(slices.Contains(schema.Required, b))
	})
	for _, name := range names {
		out = append(out, fieldOf(name, schema.Properties[name], slices.Contains(schema.Required, name)))
	}
	return out
}

func boolRank(required bool) int {
	if required {
		return 0
	}
	return 1
}

func fieldOf(name string, s *huma.Schema, required bool) web.Field {
	f := web.Field{Name: name, Required: required}
	if s == nil {
		return f
	}
	f.Type, f.Link = typeText(s)
	f.Text = s.Description
	if len(s.Enum) > 0 {
		var words []string
		for _, e := range s.Enum {
			words = append(words, exampleText(e))
		}
		if f.Text != "" {
			f.Text = strings.TrimSuffix(f.Text, ".") + ". "
		}
		f.Text += "One of " + strings.Join(words, ", ") + "."
	}
	if len(s.Examples) > 0 {
		f.Example = exampleText(s.Examples[0])
	}
	return f
}

// typeText is a schema's type in words, and the Type that it names.
func typeText(s *huma.Schema) (text, link string) {
	switch {
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return name, name
	case s.Type == huma.TypeArray && s.Items != nil:
		text, link = typeText(s.Items)
		return "list of " + text, link
	case s.Type == huma.TypeObject:
		if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
			text, link = typeText(values)
			return "map to " + text, link
		}
		return "object", ""
	case s.Format == "date-time":
		return "time", ""
	case s.Type == "":
		return "any", ""
	}
	return s.Type, ""
}

func sortedNames[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
