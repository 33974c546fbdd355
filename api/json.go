package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	fastjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonFormat reads bodies strictly: no name twice, none unknown, none in
// another case, and valid UTF-8. Its errors say where and never what.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	},
	Unmarshal: func(data []byte, v any) error {
		err := fastjson.Unmarshal(data, v, fastjson.RejectUnknownMembers(true))
		var syntax *jsontext.SyntacticError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &syntax):
			why := "malformed JSON"
			if errors.Is(err, jsontext.ErrDuplicateName) {
				why = "a name stands twice in one object"
			}
			return fmt.Errorf("%s, at or after byte %d", why, syntax.ByteOffset)
		default:
			return errors.New("a value has another type than is expected")
		}
	},
}

func itoa(n int) string { return strconv.Itoa(n) }

// parseNumber reads a sequence, version or position: a whole number.
func parseNumber(text string) (uint64, bool) {
	n, err := strconv.ParseUint(text, 10, 63)
	return n, err == nil
}
