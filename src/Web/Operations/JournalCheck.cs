using HallOps.Silo.Journal;

namespace HallOps.Web.Operations;

/// <summary>What <c>journal verify</c> and <c>journal copy</c> make of records and snapshots: each must read, and a snapshot's chain must be the one of the records.</summary>
internal static class JournalCheck
{
    /// <summary>Reads a journal and writes a line a hall; true when it is whole and every event is one this program knows.</summary>
    public static Task<bool> RunAsync(JournalContents journal, TextWriter output) => JournalVerify.RunAsync(journal, output, ChainOf, Read);

    /// <summary>Copies a journal and writes a line a hall.</summary>
    /// <param name="told">How many records are copied so far.</param>
    /// <exception cref="JournalUnusableException">It is not whole, or a store fails.</exception>
    public static Task CopyAsync(JournalContents from, JournalTarget to, TextWriter output, Action<long> told) => JournalCopy.RunAsync(from, to, output, ChainOf, Read, told);

    private static void Read(in JournalRecord record) => EventCodec.Read(record.Type, record.Version, record.Payload.Span);

    private static UInt128? ChainOf(uint hall, StoredSnapshot snapshot) => SnapshotCodec.Read(snapshot.Body.Span).Chain;
}
