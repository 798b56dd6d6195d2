package dev.plumbline.alignment.cli;

import picocli.CommandLine.Command;

/** {@code plumbline critical-tokens}. */
@Command(
    name = "critical-tokens",
    mixinStandardHelpOptions = true,
    subcommands = {FindCommand.class, ContrastCommand.class, EstimateCommand.class},
    description = {
      "Finds critical tokens by rollouts, or estimates them by contrast.",
      "A critical token is the first token of a wrong solution after which no rollout "
          + "recovers (Lin et al. 2024). 'find' measures it with rollouts; 'contrast' and "
          + "'estimate' approximate it for a whole training set."
    },
    footer = {
      "",
      "Example, from a model to token-weighted DPO:",
      "  ./plumbline critical-tokens contrast model=runs/vft data=train.jsonl \\",
      "      output=runs/contrast",
      "  ./plumbline train model=runs/vft objective=vft \\",
      "      data=runs/contrast/positive.jsonl output=runs/positive lora-rank=8 \\",
      "      epochs=1",
      "  ./plumbline train model=runs/vft objective=vft \\",
      "      data=runs/contrast/negative.jsonl output=runs/negative lora-rank=8 \\",
      "      epochs=1",
      "  ./plumbline critical-tokens estimate positive=runs/positive \\",
      "      negative=runs/negative data=runs/contrast/pairs.jsonl \\",
      "      output=runs/weighted.jsonl",
      "  ./plumbline train model=runs/vft objective=critical-dpo \\",
      "      data=runs/weighted.jsonl output=runs/critical-dpo lora-rank=16"
    })
final class CriticalTokensCommand {}
