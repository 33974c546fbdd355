package main

import (
	"github.com/spf13/cobra"

	"github.com/certledger/certledger/eventstore/proof"
)

func (a *app) proofCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "proof ENTRY TLOG-PROOF --log-key KEY",
		Short: "Verifies that the log holds an entry",
		Long: `proof checks that the stored bytes of one entry stand in the tree of the log, at
the place that the proof is about, under a checkpoint that the log has signed.`,
		Example: `  certverify proof entries/000000000412.entry entries/000000000412.tlog-proof --log-key log.vkey`,
		Args:    takes(2, "the file of an entry and the file of its proof"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.proof(args[0], args[1]) },
	}
}

func (a *app) proof(entry, inclusion string) error {
	policy, err := a.trust()
	if err != nil {
		return err
	}
	payload, err := readSmall(entry, proof.EntryMax)
	if err != nil {
		return usage("%s", err)
	}
	text, err := readSmall(inclusion, proof.InclusionMax)
	if err != nil {
		return usage("%s", err)
	}
	a.verifying = true
	sequence, opened, err := proof.VerifyEntry(payload, text, policy)
	if failure := asFailure(err); failure != nil || a.output == asJSON {
		return a.tell(answer{Checkpoint: asSigned(opened), Report: proved{sequence}}, failure)
	}
	a.say("proved     the log holds these bytes as entry %d\n", sequence)
	a.tellCheckpoint(opened)
	return nil
}

// proved is what proof prints as JSON.
type proved struct {
	Sequence uint64 `json:"sequence"`
}
