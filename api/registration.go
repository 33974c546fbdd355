package api

import (
	"net/http"

	"github.com/certledger/certledger/domain"
)

const groupRegistrations group = "registrations"

// NewRegistration registers a person. The fields are sealed.
type NewRegistration struct {
	When
	Person    string            `json:"person,omitempty" pattern:"^[0-9a-f]{32}$" doc:"Pseudonym of somebody known already; left out, a new one is made" example:"5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7"`
	Programme string            `json:"programme,omitempty" maxLength:"64" doc:"The programme; may be left out where the cohort says it" example:"peerworks-core-essentials"`
	Cohort    string            `json:"cohort,omitempty" maxLength:"64" doc:"The cohort, where the programme has classes" example:"spring-2026-evening"`
	Received  domain.Date       `json:"received,omitempty" maxLength:"10" doc:"Day on which the form was received; left out, the day of the act" example:"2026-03-02"`
	Fields    map[string]string `json:"fields,omitempty" doc:"The form by field key, as the programme asks for it. Sealed." example:"{\"first-name\":\"Sam\",\"email\":\"sam@example.org\"}"`
	Accepted  []AcceptedText    `json:"accepted,omitempty" maxItems:"50" doc:"Texts accepted with the form"`
}

func (b NewRegistration) programmeOrCohort() (string, string) { return b.Programme, b.Cohort }

// AcceptedText is one text accepted.
type AcceptedText struct {
	Text    string `json:"text" maxLength:"64" doc:"Code of the text" example:"expectations"`
	Version string `json:"version" maxLength:"64" doc:"Version of the text" example:"2026-01"`
	Hash    string `json:"hash" maxLength:"71" doc:"SHA-256 of the text" example:"sha256:5b0c3d1f…"`
}

// NewConsent is a text accepted after registration.
type NewConsent struct {
	When
	AcceptedText
}

// Transfer moves a registration.
type Transfer struct {
	When
	Cohort string `json:"cohort" maxLength:"64" doc:"The cohort to move to" example:"autumn-2026-evening"`
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"schedule-change"`
}

// Clarification moves a registration to a version that clarifies its own.
type Clarification struct {
	When
	Version int `json:"version" minimum:"1" maximum:"1000000" doc:"The version that clarifies" example:"2"`
}

// NewNotice says that the participant was told something.
type NewNotice struct {
	When
	Notice  string `json:"notice" maxLength:"64" doc:"What kind of notice, as a code" example:"result"`
	About   string `json:"about" maxLength:"64" doc:"What it was about: a decision's identifier, a warning's code" example:"before-limit"`
	Channel string `json:"channel,omitempty" maxLength:"64" doc:"How, as a code" example:"email"`
}

func (s *server) registrationRoutes() {
	write(s, operation{
		id: "register", method: http.MethodPost, path: "/v1/registrations", tag: "registrations", summary: "Register a person", filters: true,
		text:   "Pins the registration to the rules in force, checks that the form is complete and plausible, and seals what it says. All that is missing is named at once.",
		status: http.StatusCreated, needs: permission{"register", groupRegistrations},
		example: map[string]any{
			"cohort": "spring-2026-evening",
			"fields": map[string]string{
				"first-name": "Sam", "last-name": "Doe", "email": "sam@example.org", "phone": "+1 604 555 0100", "address": "1 Main Street",
				"city": "Vancouver", "province": "BC", "postal-code": "V5K 0A1", "lived-experience": "mental-illness",
			},
			"accepted": []map[string]string{{"text": "expectations", "version": "2026-01", "hash": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},
		},
	}, func(c *call, act domain.Act, b NewRegistration) (draft, error) {
		person := b.Person
		if person == "" {
			if person = domain.NewID(act.Command, "person"); c.reach == scopeSelf {
				person = domain.Subject(c.token.Actor).ID()
			}
		}
		id := domain.NewID(act.Command, "registration")
		return draft{
			command: domain.SubmitRegistration{
				Act: act, Registration: id, Person: person, Programme: b.Programme, Cohort: b.Cohort, Received: b.Received,
				Fields: b.Fields, Accepted: accepts(b.Accepted),
			},
			created: map[string]string{"registration": id, "person": person}, at: "/v1/registrations/" + id, person: person,
		}, nil
	})
	onRegistration(s, operation{
		id: "withdraw-registration", path: "withdrawal", tag: "registrations", summary: "Withdraw a registration",
		text:  "Ends the registration at the participant's wish. Nothing new is added afterwards; what was recorded stays and can be corrected.",
		needs: permission{"withdraw", groupRegistrations}, example: map[string]any{"reason": "schedule-change"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		return draft{command: domain.WithdrawRegistration{Act: act, Registration: c.param("registration"), Reason: b.Reason}}, nil
	})
	onRegistration(s, operation{
		id: "declare-no-show", path: "no-show", tag: "registrations", summary: "Record a no-show",
		text: "The participant came to no session and did not withdraw before the start.", needs: permission{"manage", groupRegistrations},
	}, func(c *call, act domain.Act, _ Moment) (draft, error) {
		return draft{command: domain.DeclareNoShow{Act: act, Registration: c.param("registration")}}, nil
	})
	onRegistration(s, operation{
		id: "transfer-registration", path: "transfer", tag: "registrations", summary: "Transfer to another cohort",
		text: "Moves the registration to another cohort of the same programme.", needs: permission{"manage", groupRegistrations},
		example: map[string]any{"cohort": "autumn-2026-evening", "reason": "schedule-change"},
	}, func(c *call, act domain.Act, b Transfer) (draft, error) {
		return draft{command: domain.TransferRegistration{Act: act, Registration: c.param("registration"), To: b.Cohort, Reason: b.Reason}}, nil
	})
	onRegistration(s, operation{
		id: "clarify-registration", path: "clarification", tag: "registrations", summary: "Move to a clarification of the rules",
		text:  "Another version that clarifies the one to which the registration is pinned, and was published by two people. It reaches registrations on which nothing is decided, and is refused where the result would be less favourable.",
		needs: permission{"manage", groupRegistrations}, example: map[string]any{"version": 2},
	}, func(c *call, act domain.Act, b Clarification) (draft, error) {
		return draft{command: domain.ClarifyRegistration{Act: act, Registration: c.param("registration"), Version: b.Version}}, nil
	})
	onRegistration(s, operation{
		id: "accept-text", path: "consents", tag: "registrations", summary: "Record a consent",
		text: "A text accepted after registration: which, in which version, with the hash of its bytes.", needs: permission{"consent", groupRegistrations},
		example: map[string]any{"text": "code-of-ethics", "version": "2026-01", "hash": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	}, func(c *call, act domain.Act, b NewConsent) (draft, error) {
		return draft{command: domain.AcceptText{Act: act, Registration: c.param("registration"), Accept: domain.Accept(b.AcceptedText)}}, nil
	})
	onRegistration(s, operation{
		id: "give-notice", path: "notices", tag: "registrations", summary: "Record a notice",
		text: "The participant was told of a decision or a warning. What was said is not recorded.", needs: permission{"notify", groupRegistrations},
		example: map[string]any{"notice": "warning", "about": "before-limit", "channel": "email"},
	}, func(c *call, act domain.Act, b NewNotice) (draft, error) {
		return draft{command: domain.GiveNotice{Act: act, Registration: c.param("registration"), Notice: b.Notice, About: b.About, Channel: b.Channel}}, nil
	})
	onRegistration(s, operation{
		id: "assign-to-registration", path: "attesters", tag: "registrations", summary: "Assign an attester to a registration",
		text:  "Gives somebody a part towards this participant, most often supervisor, and says what else they are to them.",
		needs: permission{"manage", groupRegistrations}, example: map[string]any{"attester": "77abf3110c9e4a8fb0b1c2d3e4f50617", "role": "supervisor", "relation": "none"},
	}, func(c *call, act domain.Act, b NewAssignment) (draft, error) {
		return draft{command: assignment(act, domain.SubjectOf(domain.KindRegistration, c.param("registration")), b)}, nil
	})
	onRegistration(s, operation{
		id: "release-from-registration", path: "attesters/{attester}/release", tag: "registrations", summary: "End an assignment to a registration",
		text: "The attester's part ends on a day; what they attested before stands.", needs: permission{"manage", groupRegistrations},
		example: map[string]any{"role": "supervisor", "until": "2026-09-30"},
	}, func(c *call, act domain.Act, b Release) (draft, error) {
		return draft{command: release(c, act, domain.SubjectOf(domain.KindRegistration, c.param("registration")), b)}, nil
	})
}

// onRegistration registers a write below one registration. Its body may be
// personal, so its fingerprint is made with the person's key.
func onRegistration[B body](s *server, o operation, command func(*call, domain.Act, B) (draft, error)) {
	o.method, o.path = http.MethodPost, "/v1/registrations/{registration}/"+o.path
	write(s, o, func(c *call, act domain.Act, b B) (draft, error) {
		d, err := command(c, act, b)
		if d.person == "" {
			d.person = c.person
		}
		return d, err
	})
}

func accepts(list []AcceptedText) []domain.Accept {
	var out []domain.Accept
	for _, a := range list {
		out = append(out, domain.Accept(a))
	}
	return out
}
