package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// handler is everything around the operations: a name for each request, headers
// that every answer has, a line in the log, and a problem where nothing fits.
func (s *server) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.cfg.Now()
		id := newName()
		r = r.WithContext(context.WithValue(r.Context(), correlationKey{}, id))
		out := &response{ResponseWriter: w}
		h := out.Header()
		h.Set("Correlation-Id", id)
		h.Set("Ledger-Position", strconv.FormatUint(s.cfg.Store.Position().Sequence, 10))
		secure(h)
		_, pattern := s.mux.Handler(r)
		s.serve(out, r, pattern)
		if pattern == "" {
			pattern = "none"
		}
		_, route, named := strings.Cut(pattern, " ")
		if !named {
			route = pattern
		}
		took := s.cfg.Now().Sub(began)
		s.metrics.request(s.operationAt(pattern), out.status(), took)
		s.cfg.Logger.InfoContext(r.Context(), "request", "method", methodOf(r), "route", route,
			"status", out.status(), "ms", took.Milliseconds(), "correlation", id)
	})
}

func (s *server) serve(w *response, r *http.Request, pattern string) {
	defer func() {
		e := recover()
		if e == nil {
			return
		}
		if e == http.ErrAbortHandler {
			panic(e)
		}
		// What a panic says may hold what was sent: only its kind is kept.
		s.log(r.Context()).Error("panic", "kind", fmt.Sprintf("%T", e), "stack", string(debug.Stack()))
		if w.code == 0 {
			s.answerProblem(w, r, internal.problem())
		}
	}()
	switch {
	case pattern == "" || path.Clean(r.URL.Path) != r.URL.Path:
		s.answerProblem(w, r, s.nothingAt(r))
	default:
		s.mux.ServeHTTP(w, r)
	}
}

// nothingAt says whether a path exists for another method.
func (s *server) nothingAt(r *http.Request) *Problem {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "" && path.Clean(r.URL.Path) == r.URL.Path {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		return noPath.problem()
	}
	p := noMethod.problem()
	p.allow = strings.Join(allowed, ", ")
	return p
}

// methodOf is a method that may stand in a log.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// operationAt is the stable name of the operation at a pattern.
func (s *server) operationAt(pattern string) string {
	for _, o := range s.operations {
		if o.method+" "+o.path == pattern {
			return o.id
		}
	}
	if _, p, ok := strings.Cut(pattern, " "); ok {
		return strings.Trim(p, "/")
	}
	return pattern
}

// secure sets the headers that every answer has. What is answered is nobody
// else's, and is no page of a browser except where it says so.
func secure(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

// answerProblem writes what an error means to the caller.
func (s *server) answerProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		s.log(r.Context()).Debug("answer not sent", "error", err)
	}
}

// response remembers the status of an answer.
type response struct {
	http.ResponseWriter
	code int
}

func (w *response) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *response) Write(b []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func (w *response) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what was written so far.
func (w *response) Flush() {
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return // the connection is gone; the next write says so
	}
}
