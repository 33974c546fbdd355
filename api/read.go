package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// Bounds of a page.
const (
	pageLimit    = 50
	pageLimitMax = 200
)

// Reading is part of every read's input.
type Reading struct {
	MinPosition string `query:"min_position" doc:"Wait until the views hold this position of the ledger: Ledger-Position of an earlier answer. Answers 503 if it takes too long." example:"412"`
	Role        string `header:"Certledger-Role" doc:"The role in which to read, where the token has several. Left out, it is the first that may." example:"trainer"`
}

// Paging is part of every list's input.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Cursor string `query:"cursor" doc:"Where to go on: from the header Link or the field next of the page before"`
}

// after is the last thing of the page before.
func (p Paging) after() (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || p.Cursor != "" && !domain.IsSlug(string(raw)) {
		return "", badCursor.problem()
	}
	return string(raw), nil
}

func (p Paging) limit() int {
	if p.Limit <= 0 {
		return pageLimit
	}
	return min(p.Limit, pageLimitMax)
}

// found is what a read came to.
type found[T any] struct {
	body    T
	version uint64 // of the one subject read, for ETag; 0 for none
	last    string // of a page that is not the last one: what the next goes on after
}

type readOutput[T any] struct {
	ETag     string `header:"ETag" doc:"Version of the subject, for If-Match"`
	Position uint64 `header:"Ledger-Position" doc:"Position of the ledger that this answer rests on"`
	Link     string `header:"Link" doc:"The next page, rel=\"next\""`
	Body     T
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" doc:"In a fixed order"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
}

// read registers an operation that reads: every answer of one request is from
// one moment of the views.
func read[I, T any](s *server, o operation, answer func(context.Context, *call, *projections.View, *I) (found[T], error)) {
	o.method = http.MethodGet
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *I) (*readOutput[T], error) {
		out, err := readAt(ctx, s, in, answer)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
	s.operations = append(s.operations, &o)
}

func readAt[I, T any](ctx context.Context, s *server, in *I, answer func(context.Context, *call, *projections.View, *I) (found[T], error)) (_ *readOutput[T], err error) {
	v, err := s.cfg.Store.View()
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := v.Close(); err == nil {
			err = e
		}
	}()
	c := callOf(ctx)
	f, err := answer(ctx, c, v, in)
	if err != nil {
		return nil, err
	}
	at, err := v.Position()
	if err != nil {
		return nil, err
	}
	out := &readOutput[T]{Position: at.Sequence, Body: f.body}
	if f.version > 0 {
		out.ETag = etag(f.version)
	}
	if f.last != "" {
		out.Link = nextLink(c, f.last)
	}
	return out, nil
}

func cursorOf(last string) string { return base64.RawURLEncoding.EncodeToString([]byte(last)) }

// nextLink is the same list from where this page ended.
func nextLink(c *call, last string) string {
	q := url.Values{}
	for name, values := range c.query {
		if name != "cursor" && name != "min_position" {
			q[name] = values
		}
	}
	q.Set("cursor", cursorOf(last))
	return "<" + c.path + "?" + q.Encode() + `>; rel="next"`
}

// pageOf makes a page of what a list holds after a cursor. All is asked for one
// more than the page shows, to know whether there is another page.
func pageOf[T any](p Paging, items []T, key func(T) string) found[Page[T]] {
	out := found[Page[T]]{body: Page[T]{Items: items}}
	if items == nil {
		out.body.Items = []T{}
	}
	if n := p.limit(); len(items) > n {
		out.body.Items = items[:n]
		out.last = key(items[n-1])
		out.body.Next = cursorOf(out.last)
	}
	return out
}

// pageAfter cuts a page from a whole list in the order of its keys.
func pageAfter[T any](p Paging, all []T, key func(T) string) (found[Page[T]], error) {
	after, err := p.after()
	if err != nil {
		return found[Page[T]]{}, err
	}
	var items []T
	for _, x := range all {
		if after != "" && key(x) <= after {
			continue
		}
		if items = append(items, x); len(items) > p.limit() {
			break
		}
	}
	return pageOf(p, items, key), nil
}

// padded is a number as a key that sorts like it.
func padded(n uint64) string {
	text := strconv.FormatUint(n, 10)
	return "00000000000000000000"[len(text):] + text
}
