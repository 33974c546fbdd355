package demo

import (
	_ "embed"
	"fmt"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
	"github.com/goccy/go-yaml"
)

// RenewalsProgramme is the second programme of the demo.
const RenewalsProgramme = "riverbank-peer-worker"

//go:embed riverbank-peer-worker.yaml
var overlay []byte

//go:embed renewals.yaml
var renewals []byte

// Holder is somebody who was certified in the second programme.
type Holder struct {
	Name       string `yaml:"name"`
	Shows      string `yaml:"shows"`
	Months     int    `yaml:"months"` // and Days: how long ago they were certified
	Days       int    `yaml:"days"`
	Renewed    bool   `yaml:"renewed"`
	Reinstated int    `yaml:"reinstated"` // months after they were certified; 0: never
	Status     string `yaml:"status"`     // that the ledger must say of them
}

// Certified is the day on which they were.
func (h Holder) Certified(today domain.Date) domain.Date {
	return today.AddMonths(-h.Months).AddDays(-h.Days)
}

// Renewals are the people of the second programme.
func Renewals() ([]Holder, error) {
	var s struct {
		People []Holder `yaml:"people"`
	}
	if err := yaml.UnmarshalWithOptions(renewals, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the demo's renewals: %s", yaml.FormatError(err, false, true))
	}
	return s.People, nil
}

// RenewalsRules are the second programme, laid over the one that ships.
func RenewalsRules() ([]byte, error) {
	return programme.Complete(overlay, func(id string, _ int) []byte {
		for _, f := range programmes.All() {
			if f.Name == id {
				return f.Source
			}
		}
		return nil
	})
}
