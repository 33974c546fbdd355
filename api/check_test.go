package api

import "github.com/danielgtaylor/huma/v2"

// checkBody is what is wrong with a body by the operation's own schema.
func checkBody(s *server, o *operation, body any) []error {
	doc := s.api.OpenAPI()
	schema := doc.Paths[o.path].Post.RequestBody.Content["application/json"].Schema
	res := &huma.ValidateResult{}
	huma.Validate(doc.Components.Schemas, schema, huma.NewPathBuffer([]byte("body"), 0), huma.ModeWriteToServer, body, res)
	return res.Errors
}
