// Loads the programs of an object file, and prints the verifier's whole log of one that is refused.
package main

import (
	"errors"
	"log"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/rlimit"
)

func main() {
	if err := rlimit.RemoveMemlock(); err != nil {
		log.Fatal(err)
	}
	collection, err := ebpf.LoadCollection(os.Args[1])
	var refused *ebpf.VerifierError
	if errors.As(err, &refused) {
		log.Fatalf("%+v", refused) // %v and %s print the last lines only
	} else if err != nil {
		log.Fatal(err)
	}
	defer collection.Close()
}
