package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/vault"
)

// bodyLabel keeps fingerprints apart from command ids: no principal is called
// so.
const bodyLabel = "certledger command body v1"

// fingerprint tells whether two bodies are the same.
func (d *Desk) fingerprint(person string, body []byte) (string, error) {
	if person == "" {
		return d.cfg.Vault.CommandID(bodyLabel, string(body)), nil
	}
	hash, err := d.cfg.Vault.Fingerprint(person, body)
	if errors.Is(err, vault.ErrPerson) {
		return "", fmt.Errorf("%w: Person is not 32 hexadecimal digits", ErrInvalid)
	}
	if err != nil {
		return "", vaultError("fingerprint a command", err)
	}
	return hash, nil
}

// Keyholder is under whose keys the personal groups on a subject are sealed.
// Person is whose registration it is, and empty for other subjects: these hold
// their own keys, by their id where it is a pseudonym of 32 hexadecimal digits,
// else by one derived from the subject.
func Keyholder(subject domain.Subject, person string) string {
	switch {
	case person != "":
		return person
	case domain.IsPersonID(subject.ID()):
		return subject.ID()
	}
	return domain.NewID(string(subject), "keyholder")
}

// keyholderOf is the Keyholder of a command's events.
func keyholderOf(subject domain.Subject, base state, events []domain.Event) (string, error) {
	switch subject.Kind() {
	case domain.KindRegistration:
		person := base.(*domain.Standing).Person
		for _, e := range events {
			if s, ok := e.(*domain.RegistrationSubmitted); ok {
				person = s.Person
			}
		}
		if !domain.IsPersonID(person) {
			return "", fmt.Errorf("%w: a registration without a person", ErrInvalid)
		}
		return person, nil
	case domain.KindAttester:
		if !domain.IsPersonID(subject.ID()) {
			return "", &domain.Refusal{
				Reason: "not-a-person-id", Field: "attester",
				Detail: "An attester is known by a pseudonym of 32 hexadecimal digits.",
			}
		}
	}
	return Keyholder(subject, ""), nil
}

// seal puts the sealed form of an event's personal groups in their place. Their
// keys are durable when it returns.
func (d *Desk) seal(keyholder string, c vault.Context, common *domain.Common) error {
	if len(common.Personal) == 0 {
		common.Personal = nil
		return nil
	}
	plain := make(map[string][]byte, len(common.Personal))
	defer func() {
		for _, p := range plain {
			clear(p)
		}
	}()
	for group, values := range common.Personal {
		p, err := sealedForm(values)
		if err != nil {
			return err
		}
		plain[string(group)] = p
	}
	sealed, err := d.cfg.Vault.SealAll(keyholder, c, plain)
	if err != nil {
		return vaultError("seal "+c.EventType, err)
	}
	common.Sealed = make(map[domain.Group]domain.Sealed, len(sealed))
	for group, s := range sealed {
		common.Sealed[domain.Group(group)] = domain.Sealed{
			Key: s.Key, Generation: uint32(s.Generation), Commitment: s.Commitment, Value: s.Value,
		}
	}
	common.Personal = nil
	return nil
}

// padTo is the block that a sealed value is filled up to, in bytes, so that its
// length does not tell one short answer from another: which choice of lived
// experience was made, say.
const padTo = 256

// sealedForm is a JSON object of the fields, keys sorted, filled up with spaces.
func sealedForm(values map[string]string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(values); err != nil {
		return nil, errors.New("encode a personal group")
	}
	out := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return append(out, bytes.Repeat([]byte(" "), (padTo-len(out)%padTo)%padTo)...), nil
}

func vaultError(doing string, err error) error {
	if errors.Is(err, vault.ErrErased) {
		return ErrErased
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// index makes people found by what a command that was recorded says of them.
// Adding again does nothing, so that a retry mends what a crash left out.
func (d *Desk) index(c domain.Command) {
	var person string
	var name, email string
	switch c := c.(type) {
	case domain.SubmitRegistration:
		person, email, name = c.Person, c.Fields["email"], fullName(c.Fields)
	case domain.CorrectPerson:
		person, email, name = c.Person, c.Fields["email"], fullName(c.Fields)
	case domain.RegisterAttester:
		person, email, name = c.Attester, c.Email, c.Name
	}
	for _, v := range []struct{ kind, value string }{{vault.IndexEmail, email}, {vault.IndexName, name}} {
		if v.value == "" {
			continue
		}
		if err := d.cfg.Vault.AddToIndex(person, v.kind, v.value); err != nil && !errors.Is(err, vault.ErrErased) {
			d.cfg.Logger.Warn("index a person", "kind", v.kind, "subject", c.Subject(), "error", err)
		}
	}
}

// fullName is what a form asks for in one field or in two; empty where it is
// not all there.
func fullName(fields map[string]string) string {
	first, last := fields["first-name"], fields["last-name"]
	if first == "" || last == "" {
		return fields["name"]
	}
	return first + " " + last
}
