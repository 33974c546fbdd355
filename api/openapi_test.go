package api

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write golden files anew")

const goldenDocument = "testdata/openapi.json"

func TestTheOpenAPIDocumentIsTheCommittedOne(t *testing.T) {
	o := newOffice(t)
	a := o.send(http.MethodGet, "", "/openapi.json", "").want(http.StatusOK)
	require.Equal(t, "application/openapi+json", a.header.Get("Content-Type"))
	require.Equal(t, "3.1.0", a.body["openapi"])
	if *update {
		require.NoError(t, os.WriteFile(goldenDocument, []byte(a.raw), 0o644))
	}
	golden, err := os.ReadFile(goldenDocument)
	require.NoError(t, err)
	require.Equal(t, string(golden), a.raw, "run go test ./api -run OpenAPI -update and look at the difference")
	require.NotContains(t, a.raw, "127.0.0.1", "the document does not know where it is served")
}

func TestEveryOperationIsDescribed(t *testing.T) {
	o := newOffice(t)
	require.Greater(t, len(o.server.operations), 60)
	doc := o.server.api.OpenAPI()
	known := map[string]bool{}
	for _, tag := range tags {
		known[tag.Name] = true
	}
	for _, op := range o.server.operations {
		require.NotEmpty(t, op.summary, op.id)
		require.NotEmpty(t, op.text, op.id)
		require.True(t, known[op.tag], "%s has the unknown tag %s", op.id, op.tag)
		if op.method != http.MethodPost {
			continue
		}
		body := doc.Paths[op.path].Post.RequestBody
		media := body.Content["application/json"]
		if body.Required {
			require.NotNil(t, media.Example, "%s needs an example of its body", op.id)
		}
		if media.Example == nil {
			continue
		}
		// The example passes the operation's own check.
		raw, err := json.Marshal(media.Example)
		require.NoError(t, err)
		var parsed any
		require.NoError(t, json.Unmarshal(raw, &parsed))
		require.Empty(t, checkBody(o.server, op, parsed), op.id)
	}
	for name, schema := range doc.Components.Schemas.Map() {
		if !strings.HasPrefix(name, "New") {
			continue
		}
		for field, s := range schema.Properties {
			require.NotEmpty(t, s.Description, "%s.%s", name, field)
		}
	}
}

func TestTheReferencePageShowsEveryOperation(t *testing.T) {
	o := newOffice(t)
	a := o.send(http.MethodGet, "", "/docs", "").want(http.StatusOK)
	require.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
	require.Equal(t, pagePolicy, a.header.Get("Content-Security-Policy"))
	for _, op := range o.server.operations {
		require.Contains(t, a.raw, `<article id="`+op.id+`">`)
	}
	for _, p := range Problems() {
		require.Contains(t, a.raw, p.Type)
	}
	require.NotContains(t, a.raw, "<script")
	require.NotContains(t, a.raw, "style=")
	require.NotContains(t, a.raw, "https://")
	require.NotContains(t, a.raw, "ZgotmplZ")
	css := o.send(http.MethodGet, "", "/docs/style.css", "").want(http.StatusOK)
	require.Equal(t, "text/css; charset=utf-8", css.header.Get("Content-Type"))
}
