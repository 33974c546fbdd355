package eventstore

import (
	"fmt"
	"slices"
	"strings"
)

const (
	streamName    = "LEDGER"
	subjectPrefix = "ledger."
	subjectAll    = "ledger.>"

	// SystemSubject is the one subject without an id.
	SystemSubject = "system"

	idLengthMax = 64
)

// kinds is the closed list of what a subject may be about.
var kinds = []string{"registration", "person", "cohort", "programme", "attester", "access"}

// Kinds returns the kinds of subject, in a fixed order; SystemSubject stands
// beside them.
func Kinds() []string { return slices.Clone(kinds) }

// CheckSubject says whether subject can be written: "system", or a known kind
// and an id. The error wraps ErrInvalid.
func CheckSubject(subject string) error {
	_, err := toNATS(subject)
	return err
}

// toNATS turns "registration/9d21" into the literal NATS subject that stores
// it. Every guard goes through here: a guard on a wildcard loses updates on
// replicated streams, so nothing that could be one may pass.
func toNATS(subject string) (string, error) {
	if subject == SystemSubject {
		return subjectPrefix + SystemSubject, nil
	}
	kind, id, ok := strings.Cut(subject, "/")
	if !ok || !slices.Contains(kinds, kind) {
		return "", fmt.Errorf("%w: subject %.80q is neither %q nor one of %s followed by / and an id",
			ErrInvalid, subject, SystemSubject, strings.Join(kinds, ", "))
	}
	if !validID(id) {
		return "", fmt.Errorf("%w: the id in subject %.80q is not 1 to %d of a-z, 0-9 and -", ErrInvalid, subject, idLengthMax)
	}
	return subjectPrefix + kind + "." + id, nil
}

// fromNATS is the inverse of toNATS. It reports false for a subject that toNATS
// cannot have made.
func fromNATS(subject string) (string, bool) {
	rest, ok := strings.CutPrefix(subject, subjectPrefix)
	if !ok {
		return "", false
	}
	if rest == SystemSubject {
		return SystemSubject, true
	}
	kind, id, ok := strings.Cut(rest, ".")
	if !ok || !slices.Contains(kinds, kind) || !validID(id) {
		return "", false
	}
	return kind + "/" + id, true
}

func validID(id string) bool {
	if len(id) == 0 || len(id) > idLengthMax {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
