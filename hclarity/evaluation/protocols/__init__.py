"""How the Cadenza challenges score, by their names on the command line."""

from collections.abc import Mapping

from hclarity.evaluation.protocols.cad1 import Cad1
from hclarity.evaluation.protocols.cad2_ensembles import Cad2Ensembles
from hclarity.evaluation.protocols.cad2_lyrics import Cad2Lyrics
from hclarity.evaluation.protocols.icassp24 import Icassp24
from hclarity.evaluation.protocols.protocol import Protocol

__all__ = ["PROTOCOLS"]

PROTOCOLS: Mapping[str, Protocol] = {
    protocol.name: protocol for protocol in (Cad1(), Icassp24(), Cad2Lyrics(), Cad2Ensembles())
}
