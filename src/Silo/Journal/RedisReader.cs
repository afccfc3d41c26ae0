using System.Runtime.CompilerServices;

namespace HallOps.Silo.Journal;

/// <summary>Reads the histories of halls. What is wrong with one is returned as a sentence without the hall's name.</summary>
internal sealed class RedisReader(RedisHistory history)
{
    // Entries a call: some 50 KiB where halls are quiet; a busy hall's have more records each, and stay below what an answer may take.
    private const int PageEntries = 256;

    // Halls that are read side by side.
    private const int Together = 64;

    /// <summary>All records after one sequence up to another.</summary>
    public async Task<(List<JournalRecord> Records, string? Wrong)> RecordsAsync(uint hall, long after, long to)
    {
        var frames = new RedisFrames(hall, after);
        var records = new List<JournalRecord>();
        while (frames.Last < to)
            if (await PageAsync(frames, to, PageEntries, records) is { } wrong) return (records, wrong);
        return (records, null);
    }

    /// <summary>Of each hall the records after one sequence up to another, page by page. One that is damaged ends there, the others go on.</summary>
    /// <param name="damaged">Called with the hall and what is wrong with it.</param>
    public async IAsyncEnumerable<IReadOnlyList<JournalRecord>> PagesAsync(IEnumerable<(uint Hall, long After, long To)> halls, Action<uint, string> damaged, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var group in halls.Chunk(Together))
        {
            var open = group.Select(h => (Frames: new RedisFrames(h.Hall, h.After), h.To)).ToList();
            while (open.Count > 0)
            {
                cancel.ThrowIfCancellationRequested();
                var pages = open.Select(_ => new List<JournalRecord>()).ToArray();
                var count = Math.Max(8, PageEntries / open.Count);
                var wrong = await Task.WhenAll(open.Select((o, i) => PageAsync(o.Frames, o.To, count, pages[i])));
                var page = pages.SelectMany(p => p).ToList();
                if (page.Count > 0) yield return page;
                for (var i = open.Count - 1; i >= 0; i--)
                {
                    if (wrong[i] is { } what) damaged(open[i].Frames.Hall, what);
                    if (wrong[i] is not null || open[i].Frames.Last >= open[i].To) open.RemoveAt(i);
                }
            }
        }
    }

    private async Task<string?> PageAsync(RedisFrames frames, long to, int count, List<JournalRecord> records)
    {
        var entries = await history.EntriesAsync(frames.Hall, frames.Last + 1, to, count);
        foreach (var entry in entries)
            if (frames.Take(entry, records) is { } wrong) return wrong;
        return entries.Count == 0 ? FormattableString.Invariant($"record {frames.Last + 1} is missing") : null;
    }
}
