package domain

import (
	"fmt"
	"strings"
)

// Kind is the kind of thing an entry is about. One subject of a kind is one
// consistency boundary.
type Kind string

// The kinds of subject. KindSystem has one subject only.
const (
	KindRegistration Kind = "registration"
	KindPerson       Kind = "person"
	KindCohort       Kind = "cohort"
	KindProgramme    Kind = "programme"
	KindAttester     Kind = "attester"
	KindAccess       Kind = "access"
	KindSystem       Kind = "system"
)

// IDMax is the longest identifier in a subject, in bytes.
const IDMax = 64

// Subject names one consistency boundary: "registration/9d21…", or "system".
type Subject string

// SystemSubject is the ledger's own subject.
const SystemSubject Subject = "system"

// SubjectOf joins a kind and an identifier. The result may be invalid; see Check.
func SubjectOf(k Kind, id string) Subject { return Subject(string(k) + "/" + id) }

// Kind is the part before the slash.
func (s Subject) Kind() Kind {
	k, _, _ := strings.Cut(string(s), "/")
	return Kind(k)
}

// ID is the part after the slash, empty for the system subject.
func (s Subject) ID() string {
	_, id, _ := strings.Cut(string(s), "/")
	return id
}

// Check reports whether s is well formed: a known kind and a slug.
func (s Subject) Check() error {
	switch s.Kind() {
	case KindSystem:
		if s == SystemSubject {
			return nil
		}
	case KindRegistration, KindPerson, KindCohort, KindProgramme, KindAttester, KindAccess:
		if IsSlug(s.ID()) {
			return nil
		}
	}
	return fmt.Errorf("not a subject: want kind/id with a kind of the ledger and an id of 1 to %d letters a-z, digits and hyphens", IDMax)
}

// IsSlug reports whether s may stand as an identifier or code: 1 to IDMax
// lower-case letters, digits and hyphens, beginning with a letter or digit.
func IsSlug(s string) bool {
	if s == "" || len(s) > IDMax || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// IsPath reports whether s is slugs joined by slashes, as a category path is.
func IsPath(s string) bool {
	for part := range strings.SplitSeq(s, "/") {
		if !IsSlug(part) {
			return false
		}
	}
	return true
}

// IsPersonID reports whether s is a pseudonym: 128 random bits as 32 hexadecimal digits.
func IsPersonID(s string) bool {
	if len(s) != 32 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
