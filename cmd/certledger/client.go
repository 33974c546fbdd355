package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// client speaks to a running server.
type client struct {
	server string // its URL, without a path
	token  string
	http   *http.Client
}

// problem is a server's answer that something cannot be done.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Errors []struct {
		Location string `json:"location"`
		Type     string `json:"type"`
		Detail   string `json:"detail"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
		Hint     string `json:"hint"`
	} `json:"errors"`
}

// code is the problem's stable name.
func (p *problem) code() string { return p.Type[strings.LastIndexByte(p.Type, ':')+1:] }

func (p *problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	for _, e := range p.Errors {
		if e.Detail != p.Detail {
			text += "\n  " + strings.TrimPrefix(strings.TrimPrefix(e.Location, "body."), "body") + ": " + e.Detail
		}
	}
	return fmt.Sprintf("%s (%s)", text, p.code())
}

// serverFlags are how a command is told which server to ask.
type serverFlags struct {
	server, token string
}

func (f *serverFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.server, "server", "", "`URL` of a running server")
	cmd.Flags().StringVar(&f.token, "token", "", "access token; better set in CERTLEDGER_TOKEN, which `ps` does not show")
	cmd.Flag("token").Usage = "access `token`; better set CERTLEDGER_TOKEN, which other users cannot see"
}

// client makes the client, or says what lacks.
func (f *serverFlags) client() (*client, error) {
	if f.server == "" {
		return nil, usage("which server? give --server URL, or set CERTLEDGER_SERVER")
	}
	if !strings.Contains(f.server, "://") {
		f.server = "http://" + f.server
	}
	u, err := url.Parse(f.server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" && u.Path != "/" {
		return nil, usage("--server takes a URL like http://127.0.0.1:8080")
	}
	if f.token == "" {
		return nil, usage("the server wants to know who asks: give --token, or set CERTLEDGER_TOKEN")
	}
	return newClient(u.Scheme+"://"+u.Host, f.token), nil
}

func newClient(server, token string) *client {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 64,
	}
	return &client{server: server, token: token, http: &http.Client{Transport: transport}}
}

// as is the same server asked with another token.
func (c *client) as(token string) *client {
	return &client{server: c.server, token: token, http: c.http}
}

// call sends a request with a JSON body, unless in is nil, and reads a JSON
// answer into out, unless that is nil. A refusal is a *problem.
func (c *client) call(ctx context.Context, method, path string, in, out any, headers ...string) (http.Header, error) {
	res, err := c.send(ctx, method, path, in, headers...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // it was read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("%s stopped in the middle of its answer", c.server)
	}
	if res.StatusCode >= 300 {
		return res.Header, asProblem(res, body)
	}
	if out != nil {
		if raw, ok := out.(*[]byte); ok {
			*raw = body
		} else if err := json.Unmarshal(body, out); err != nil {
			return res.Header, fmt.Errorf("%s answers in a form that this version does not know: %w", c.server, err)
		}
	}
	return res.Header, nil
}

// send is call without reading the answer. Headers are names and values in turn.
func (c *client) send(ctx context.Context, method, path string, in any, headers ...string) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("write request: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.server+path, body)
	if err != nil {
		return nil, usage("--server takes a URL like http://127.0.0.1:8080")
	}
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := c.http.Do(req)
	var u *url.Error
	switch {
	case err == nil:
		return res, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &u):
		return nil, fmt.Errorf("%s does not answer (%w); is `certledger serve` running there?", c.server, u.Err)
	}
	return nil, err
}

func asProblem(res *http.Response, body []byte) error {
	p := &problem{}
	if json.Unmarshal(body, p) != nil || p.Type == "" {
		return fmt.Errorf("the server answers %s to %s %s", res.Status, res.Request.Method, res.Request.URL.Path)
	}
	return p
}
