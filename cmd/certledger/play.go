package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/certledger/certledger/cmd/certledger/demo"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programmes"
)

// player plays the demo's story through a server's interface, each act by the
// person whose act it is, in the order in which it happened.
type player struct {
	server *client
	story  *demo.Story
	zone   *time.Location
	admin  string // token

	// text answers with what is written into a personal field: what the story
	// invents, unless a test wants something it can search for. Nil: invented.
	text func(field, invented string) string

	tokens   map[string]string // by role, and by "person/…" for participants
	trainers []string          // attesters
	mentor   string            // the supervisor, an attester
	cohort   string
	people   []*participant
	acts     []act
	keys     int
}

// participant is somebody of the story as the ledger knows them.
type participant struct {
	demo.Person
	registration, person string
}

// act is one request, at the time at which it happened.
type act struct {
	at   time.Time
	what string
	do   func(context.Context) error
}

// answer is what every request that records something is answered with.
type answer struct {
	Subject  string            `json:"subject"`
	Position uint64            `json:"position"`
	Version  uint64            `json:"version"`
	Created  map[string]string `json:"created"`
	Repeated bool              `json:"repeated"`
	Token    string            `json:"token"`
	Entries  []struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Sequence uint64 `json:"sequence"`
	} `json:"entries"`
}

type body = map[string]any

// play tells the whole story. Step is told how far it is; it may be nil.
func (p *player) play(ctx context.Context, step func(done, total uint64)) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	p.plan()
	slices.SortStableFunc(p.acts, func(a, b act) int { return a.at.Compare(b.at) })
	for i, a := range p.acts {
		if err := a.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", a.what, err)
		}
		if step != nil {
			step(uint64(i+1), uint64(len(p.acts)))
		}
	}
	return nil
}

// begin tells the story until everybody is registered.
func (p *player) begin(ctx context.Context) error {
	if p.zone == nil {
		zone, err := time.LoadLocation(p.story.TimeZone)
		if err != nil {
			return err
		}
		p.zone = zone
	}
	if err := p.staff(ctx); err != nil {
		return err
	}
	if err := p.opening(ctx); err != nil {
		return err
	}
	return p.registering(ctx)
}

// post sends a request as the bearer of a role's token, with a key of its own.
func (p *player) post(ctx context.Context, role, path string, at time.Time, b body) (answer, error) {
	if b == nil {
		b = body{}
	}
	if !at.IsZero() {
		b["happened"] = at.Format(time.RFC3339)
	}
	token, ok := p.tokens[role]
	if !ok {
		return answer{}, fmt.Errorf("nobody has the role %s", role)
	}
	p.keys++
	var a answer
	_, err := p.server.as(token).call(ctx, http.MethodPost, path, b, &a, "Idempotency-Key", "demo-"+strconv.Itoa(p.keys))
	return a, err
}

// on is a time of a day of the calendar, or of a date.
func (p *player) on(day domain.Date, hour, minute int) time.Time {
	if d, ok := p.story.Calendar[string(day)]; ok {
		day = d
	}
	t, err := time.ParseInLocation(time.DateOnly, string(day), p.zone)
	if err != nil {
		panic("demo: no such day: " + string(day))
	}
	return time.Date(t.Year(), t.Month(), t.Day(), hour, minute, 0, 0, p.zone)
}

func (p *player) personal(field, invented string) string {
	if p.text == nil {
		return invented
	}
	return p.text(field, invented)
}

// staff makes a token for everybody who works here.
func (p *player) staff(ctx context.Context) error {
	p.tokens = map[string]string{domain.RoleAdministrator: p.admin}
	for _, role := range slices.Sorted(maps.Keys(p.story.Staff)) {
		if role == domain.RoleAdministrator {
			continue
		}
		if err := p.token(ctx, role, string(domain.StaffActor(randomID())), role); err != nil {
			return err
		}
	}
	return nil
}

// token makes a token and files it under a name.
func (p *player) token(ctx context.Context, name, whose, role string) error {
	a, err := p.post(ctx, domain.RoleAdministrator, "/v1/tokens", time.Time{}, body{"for": whose, "roles": []string{role}})
	if err != nil {
		return fmt.Errorf("make a token for the %s: %w", role, err)
	}
	p.tokens[name] = a.Token
	return nil
}

// opening publishes the programme, makes the trainers and the supervisor known,
// and opens the cohort with its timetable.
func (p *player) opening(ctx context.Context) error {
	rules, ok := programmes.Get(p.story.Programme)
	if !ok {
		return fmt.Errorf("the programme %s does not ship with this binary", p.story.Programme)
	}
	path := "/v1/programmes/" + p.story.Programme
	proposed, err := p.post(ctx, domain.RoleAuthor, path+"/proposals", p.on("published", 10, 0), body{"rules": string(rules)})
	if err != nil {
		return fmt.Errorf("propose the programme: %w", err)
	}
	if _, err := p.post(ctx, domain.RoleCertifier, path+"/proposals/"+proposed.Created["proposal"]+"/approval", p.on("published", 14, 0), nil); err != nil {
		return fmt.Errorf("publish the programme: %w", err)
	}
	at := p.on("opened", 9, 0)
	for i, name := range append(slices.Clone(p.story.Trainers), p.story.Supervisor) {
		email := fmt.Sprintf("attester%d@example.org", i+1)
		a, err := p.post(ctx, domain.RoleRegistrar, "/v1/attesters", at, body{
			"what": "person", "name": p.personal("attester-name", name), "email": p.personal("attester-email", email),
			"phone": p.personal("attester-phone", "613-555-0100"),
		})
		if err != nil {
			return fmt.Errorf("make %s known: %w", name, err)
		}
		id := a.Created["attester"]
		label, role := trainerName(i), domain.RoleTrainer
		if i == len(p.story.Trainers) {
			label, role, p.mentor = domain.RoleSupervisor, domain.RoleSupervisor, id
		} else {
			p.trainers = append(p.trainers, id)
		}
		if err := p.token(ctx, label, string(domain.AttesterActor(id)), role); err != nil {
			return err
		}
	}
	a, err := p.post(ctx, domain.RoleRegistrar, "/v1/cohorts", p.on("opened", 10, 0), body{
		"cohort": p.story.Cohort.Code, "code": p.story.Cohort.Code, "programme": p.story.Programme, "mode": p.story.Cohort.Mode,
	})
	if err != nil {
		return fmt.Errorf("open the cohort: %w", err)
	}
	p.cohort = a.Created["cohort"]
	for i := range p.story.Cohort.Days() {
		starts, ends := p.class(i + 1)
		if _, err := p.post(ctx, domain.RoleRegistrar, "/v1/cohorts/"+p.cohort+"/sessions", p.on("opened", 10, 5), body{
			"session": strconv.Itoa(i + 1), "module": strconv.Itoa(i + 1), "starts": starts.Format(time.RFC3339), "ends": ends.Format(time.RFC3339),
		}); err != nil {
			return fmt.Errorf("schedule class %d: %w", i+1, err)
		}
	}
	for _, id := range p.trainers {
		if _, err := p.post(ctx, domain.RoleRegistrar, "/v1/cohorts/"+p.cohort+"/attesters", p.on("opened", 10, 10), body{
			"attester": id, "role": domain.RoleTrainer,
		}); err != nil {
			return fmt.Errorf("assign a trainer: %w", err)
		}
	}
	return nil
}

// trainerName is under which a trainer's token is filed: the first is "the" trainer.
func trainerName(i int) string {
	if i == 0 {
		return domain.RoleTrainer
	}
	return domain.RoleTrainer + "-" + strconv.Itoa(i+1)
}

// class is when a class begins and ends.
func (p *player) class(number int) (starts, ends time.Time) {
	var hour, minute int
	if _, err := fmt.Sscanf(p.story.Cohort.BeginsAt, "%d:%d", &hour, &minute); err != nil {
		panic("demo: no such time: " + p.story.Cohort.BeginsAt)
	}
	starts = p.on(p.story.Cohort.Days()[number-1], hour, minute)
	return starts, starts.Add(time.Duration(p.story.Cohort.Minutes) * time.Minute)
}

// registering registers everybody, two a day.
func (p *player) registering(ctx context.Context) error {
	accepted := []body{{"text": "expectations", "version": "2026-01", "hash": domain.HashOf([]byte("Please come to every class, from a quiet place."))}}
	provinces := []string{"Ontario", "Quebec", "Nova Scotia", "Manitoba"}
	lived := []string{"mental-illness", "addiction", "both", "other"}
	for i, person := range p.story.People {
		at := p.on("registered", 9+i%2, 15).AddDate(0, 0, i/2)
		fields := map[string]string{
			"first-name":  p.personal("first-name", person.First()),
			"last-name":   p.personal("last-name", person.Last()),
			"email":       p.personal("email", fmt.Sprintf("participant%d@example.org", i+1)),
			"phone":       p.personal("phone", fmt.Sprintf("613-555-01%02d", i+1)),
			"address":     p.personal("address", fmt.Sprintf("%d Riverbank Road", i+1)),
			"city":        p.personal("city", "Treeville"),
			"province":    p.personal("province", provinces[i%len(provinces)]),
			"postal-code": p.personal("postal-code", fmt.Sprintf("K%dA %dB%d", i%10, i%7, i%9)),

			"lived-experience": lived[i%len(lived)],
		}
		if i == 0 || p.text != nil {
			fields["accessibility-request"] = p.personal("accessibility-request", "Captions, please.")
		}
		a, err := p.post(ctx, domain.RoleRegistrar, "/v1/registrations", at, body{"cohort": p.cohort, "fields": fields, "accepted": accepted})
		if err != nil {
			return fmt.Errorf("register %s: %w", person.Name, err)
		}
		known := &participant{Person: person, registration: a.Created["registration"], person: a.Created["person"]}
		p.people = append(p.people, known)
		if err := p.token(ctx, known.actor(), known.actor(), domain.RoleParticipant); err != nil {
			return err
		}
		if person.Row == shownRow {
			p.tokens[domain.RoleParticipant] = p.tokens[known.actor()]
		}
	}
	return nil
}

// shownRow is the row of the person whom the printed commands are about: who is
// barred by a mandatory class.
const shownRow = 10

func (p *player) shown() *participant {
	i := slices.IndexFunc(p.people, func(x *participant) bool { return x.Row == shownRow })
	return p.people[i]
}

func (x *participant) actor() string { return string(domain.PersonActor(x.person)) }

func (x *participant) path(rest string) string { return "/v1/registrations/" + x.registration + rest }
