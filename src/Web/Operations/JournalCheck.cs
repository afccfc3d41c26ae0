using HallOps.Silo.Journal;

namespace HallOps.Web.Operations;

/// <summary>What <c>journal verify</c> makes of a snapshot: it must read, and its chain must be the one of the records.</summary>
internal static class JournalCheck
{
    public static UInt128? ChainOf(uint hall, StoredSnapshot snapshot) => SnapshotCodec.Read(snapshot.Body.Span).Chain;
}
