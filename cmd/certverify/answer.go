package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/certledger/certledger/eventstore/proof"
)

// answer is what is printed as JSON.
type answer struct {
	Verified   bool           `json:"verified"`
	Failure    *proof.Failure `json:"failure,omitempty"` // the first
	Checkpoint *signed        `json:"checkpoint,omitempty"`
	Report     any            `json:"report"`
}

// signed is a checkpoint that was accepted.
type signed struct {
	Origin    string    `json:"origin"`
	Size      uint64    `json:"size"`
	Root      string    `json:"root"` // base64
	SignedBy  []string  `json:"signedby"`
	Witnessed []witness `json:"witnessed"`
	Unknown   int       `json:"unknown"` // signatures that nobody has verified
}

type witness struct {
	Name string    `json:"name"`
	Key  string    `json:"key"`
	Time time.Time `json:"time"`
}

// asSigned is nil where no checkpoint was accepted.
func asSigned(c proof.Opened) *signed {
	if c.Origin == "" {
		return nil
	}
	s := &signed{Origin: c.Origin, Size: c.Size, Root: c.Root.String(), SignedBy: c.LogKeys, Witnessed: []witness{}, Unknown: c.Unknown}
	for _, w := range c.Cosignatures {
		s.Witnessed = append(s.Witnessed, witness{w.Witness, w.Key, w.Time})
	}
	return s
}

// tell prints what came of it, which is all there is to print as JSON; as text it
// is the failures alone.
func (a *app) tell(what answer, failures ...*proof.Failure) error {
	what.Verified = len(failures) == 0 || failures[0] == nil
	if a.output != asJSON {
		for _, f := range failures {
			a.say("failed     %s\n", printable(f.Error()))
		}
	} else {
		if !what.Verified {
			what.Failure = failures[0]
		}
		b, err := json.MarshalIndent(what, "", "  ")
		if err != nil {
			return fmt.Errorf("print the answer: %w", err)
		}
		a.say("%s\n", b)
	}
	if !what.Verified {
		return errTold
	}
	return nil
}

// tellCheckpoint says which moment of the ledger it is about, and on whose word.
func (a *app) tellCheckpoint(c proof.Opened) {
	a.say("checkpoint %s at %d entries, root %s, signed by %s\n", c.Origin, c.Size, c.Root, strings.Join(c.LogKeys, " and "))
	for _, w := range c.Cosignatures {
		a.say("witnessed  by %s, %s\n", printable(w.Witness), w.Time.Format(time.RFC3339))
	}
	if c.Unknown > 0 {
		a.say("unknown    %d signatures by keys that you did not name, which nobody has verified\n", c.Unknown)
	}
}

// asFailure is the failure that verifying ended with, nil where all holds.
func asFailure(err error) *proof.Failure {
	var failure *proof.Failure
	errors.As(err, &failure)
	return failure
}
