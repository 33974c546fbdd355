package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/projections"
)

const groupLedger group = "ledger"

// EntryView is an entry without what is sealed: of each sealed group it says
// only that there is one.
type EntryView struct {
	Sequence uint64          `json:"sequence" doc:"Place in the ledger" example:"412"`
	Hash     string          `json:"hash" doc:"SHA-256 of the stored bytes"`
	ID       string          `json:"id" doc:"Identifier of the event"`
	Type     string          `json:"type" doc:"Stored name of the event" example:"attendance.marked.v1"`
	Subject  domain.Subject  `json:"subject" doc:"What it is about"`
	Version  uint64          `json:"version" doc:"1, 2, 3 … on its subject"`
	Previous string          `json:"previous,omitempty" doc:"Hash of the entry before it on its subject"`
	Time     string          `json:"time" doc:"When it happened"`
	Recorded string          `json:"recordedtime" doc:"When it was recorded"`
	Actor    domain.Actor    `json:"actor" doc:"Who did it"`
	Role     string          `json:"actorrole" doc:"In which role"`
	Data     json.RawMessage `json:"data" doc:"The facts. In place of each sealed group stands the word sealed."`
}

// StoredEntry is an entry byte for byte.
type StoredEntry struct {
	Sequence uint64          `json:"sequence" doc:"Place in the ledger"`
	Hash     string          `json:"hash" doc:"SHA-256 of the stored bytes"`
	Stored   json.RawMessage `json:"stored" doc:"The stored bytes, sealed groups included, still sealed"`
}

// viewOf shows an entry without what is sealed.
func viewOf(e eventstore.Stored) (EntryView, error) {
	entry, err := domain.Decode(e.Sequence, e.Payload)
	if err != nil {
		return EntryView{}, err
	}
	var envelope domain.Envelope
	if err := json.Unmarshal(e.Payload, &envelope); err != nil {
		return EntryView{}, err
	}
	data, err := withoutSealed(envelope.Data, len(domain.CommonOf(entry.Event).Sealed) > 0)
	if err != nil {
		return EntryView{}, err
	}
	return EntryView{
		Sequence: e.Sequence, Hash: entry.Hash, ID: entry.ID, Type: entry.Type, Subject: entry.Subject, Version: entry.Version,
		Previous: entry.Previous, Time: envelope.Time, Recorded: envelope.RecordedTime, Actor: entry.Actor, Role: entry.ActorRole, Data: data,
	}, nil
}

// withoutSealed puts the word sealed in place of each sealed group.
func withoutSealed(data json.RawMessage, any bool) (json.RawMessage, error) {
	if !any {
		return data, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	var sealed map[string]json.RawMessage
	if err := json.Unmarshal(fields["sealed"], &sealed); err != nil {
		return nil, err
	}
	words := map[string]string{}
	for g := range sealed {
		words[g] = "sealed"
	}
	var err error
	if fields["sealed"], err = json.Marshal(words); err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}

func viewsOf(list []eventstore.Stored) ([]EntryView, error) {
	out := make([]EntryView, 0, len(list))
	for _, e := range list {
		view, err := viewOf(e)
		if err != nil {
			return nil, err
		}
		out = append(out, view)
	}
	return out, nil
}

func (s *server) entryRoutes() {
	type list struct {
		Reading
		Paging
	}
	read(s, operation{
		id: "get-timeline", path: "/v1/registrations/{registration}/timeline", tag: "registrations", summary: "Read a registration's timeline",
		text:  "Every entry about the registration in order: what happened, when, who recorded it when. Sealed groups are named, not shown.",
		needs: permission{"read", groupRegistrations},
	}, func(_ context.Context, c *call, v *projections.View, in *list) (found[Page[EntryView]], error) {
		after, err := in.afterSequence()
		if err != nil {
			return found[Page[EntryView]]{}, err
		}
		if _, err := factsOf(c, v); err != nil {
			return found[Page[EntryView]]{}, err
		}
		return entryPage(in.Paging, func(limit int) ([]eventstore.Stored, error) {
			return v.EntriesOf(domain.SubjectOf(domain.KindRegistration, c.param("registration")), after, limit)
		})
	})
	read(s, operation{
		id: "list-entries", path: "/v1/entries", tag: "ledger", summary: "Read entries",
		text: "Entries in the order of the ledger. Sealed groups are named, not shown. The exact bytes are in GET /v1/ledger/export.", needs: permission{"read", groupLedger},
	}, func(_ context.Context, _ *call, v *projections.View, in *struct {
		Reading
		Paging
		After uint64 `query:"after" doc:"Only entries after this sequence" example:"412"`
	},
	) (found[Page[EntryView]], error) {
		after, err := in.afterSequence()
		if err != nil {
			return found[Page[EntryView]]{}, err
		}
		return entryPage(in.Paging, func(limit int) ([]eventstore.Stored, error) { return v.Entries(max(after, in.After), limit) })
	})
	read(s, operation{
		id: "get-entry", path: "/v1/entries/{sequence}", tag: "ledger", summary: "Read an entry",
		text: "One entry by its sequence. Sealed groups are named, not shown.", needs: permission{"read", groupLedger},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[EntryView], error) {
		e, err := entryAt(c, v)
		if err != nil {
			return found[EntryView]{}, err
		}
		view, err := viewOf(e)
		return found[EntryView]{body: view}, err
	})
	read(s, operation{
		id: "get-stored-entry", path: "/v1/entries/{sequence}/stored", tag: "ledger", summary: "Read an entry's stored form",
		text: "The entry as it was stored, with its hash. What is sealed stays sealed.", needs: permission{"export", groupLedger},
	}, func(_ context.Context, c *call, v *projections.View, _ *Reading) (found[StoredEntry], error) {
		e, err := entryAt(c, v)
		return found[StoredEntry]{body: StoredEntry{Sequence: e.Sequence, Hash: domain.HashOf(e.Payload), Stored: e.Payload}}, err
	})
	s.exportRoute()
}

func entryAt(c *call, v *projections.View) (eventstore.Stored, error) {
	n, _ := parseNumber(c.param("sequence"))
	e, ok, err := v.Entry(n)
	if err == nil && !ok {
		err = noSuchEntry.problem()
	}
	return e, err
}

// afterSequence is the sequence that a cursor stands for.
func (p Paging) afterSequence() (uint64, error) {
	text, err := p.after()
	if err != nil || text == "" {
		return 0, err
	}
	n, ok := parseNumber(text)
	if !ok {
		return 0, badCursor.problem()
	}
	return n, nil
}

func entryPage(p Paging, entries func(limit int) ([]eventstore.Stored, error)) (found[Page[EntryView]], error) {
	list, err := entries(p.limit() + 1)
	if err != nil {
		return found[Page[EntryView]]{}, err
	}
	views, err := viewsOf(list)
	return pageOf(p, views, func(e EntryView) string { return padded(e.Sequence) }), err
}

// exportRoute streams the stored bytes of every entry, one a line, for whoever
// keeps or verifies a copy.
func (s *server) exportRoute() {
	type input struct {
		Reading
		After uint64 `query:"after" doc:"Only entries after this sequence" example:"0"`
		Until uint64 `query:"until" doc:"Only entries up to this sequence; 0, or left out, is up to the position" example:"412"`
	}
	type output struct {
		Type     string `header:"Content-Type"`
		Position uint64 `header:"Ledger-Position" doc:"Position up to which entries are exported, unless until is lower"`
		Body     func(huma.Context)
	}
	o := operation{
		id: "export-ledger", method: http.MethodGet, path: "/v1/ledger/export", tag: "ledger", summary: "Export the ledger", needs: permission{"export", groupLedger},
		text: "The stored bytes of every entry in order, one JSON object a line: {\"sequence\":…,\"hash\":…,\"stored\":…}. What is sealed stays sealed.",
		answers: map[string]*huma.Response{"200": {
			Description: "Entries", Content: map[string]*huma.MediaType{"application/x-ndjson": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *input) (*output, error) {
		until := s.cfg.Store.Position().Sequence
		out := &output{Type: "application/x-ndjson", Position: until}
		if in.Until > 0 {
			until = min(until, in.Until)
		}
		out.Body = func(c huma.Context) {
			if err := s.export(c, in.After, until); err != nil {
				// The answer has begun: only its end, too early, can say so.
				s.log(ctx).Error("export ended early", "error", err)
				panic(http.ErrAbortHandler)
			}
		}
		return out, nil
	})
	s.operations = append(s.operations, &o)
}

func (s *server) export(c huma.Context, after, until uint64) error {
	for after < until {
		list, err := s.cfg.Store.Entries(after, projections.EntriesMax)
		if err != nil || len(list) == 0 {
			return orElse(err, noSuchEntry)
		}
		var b bytes.Buffer
		for _, e := range list {
			if e.Sequence > until {
				break
			}
			// Written by hand: an encoder would write the stored bytes anew.
			b.WriteString(`{"sequence":` + itoa(int(e.Sequence)) + `,"hash":"` + domain.HashOf(e.Payload) + `","stored":`)
			b.Write(e.Payload)
			b.WriteString("}\n")
		}
		after = list[len(list)-1].Sequence
		if _, err := c.BodyWriter().Write(b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
