namespace HallOps.Silo.Journal;

/// <summary>A hall's entries, whether they are in its stream or in an archive: the one place that knows of both.</summary>
/// <param name="link">That is asked on.</param>
internal sealed class RedisHistory(RedisAccess access, RedisLink link, JournalArchives archives)
{
    // As the store had them when they were last asked for; an archive never changes.
    private IReadOnlyList<ArchivePlace> _named = [];

    /// <summary>As <see cref="RedisStore.EntriesAsync"/>, with what is archived.</summary>
    /// <exception cref="IOException">No answer.</exception>
    /// <exception cref="JournalArchiveException">An archive that is needed is not here, or is damaged.</exception>
    public async Task<IReadOnlyList<RedisEntry>> EntriesAsync(uint hall, long from, long to, int count)
    {
        var live = await access.AskAsync(link, redis => access.Store.EntriesAsync(redis, hall, from, to, count));
        if (live is [var first, ..] && first.Last - first.Count < from) return live;
        // Looked for after the stream: what is cut off meanwhile is found here.
        var archived = await access.AskAsync(link, redis => access.Store.ArchivedAsync(redis, hall));
        if (archived < from) return live;
        if (Covering(hall, from) is not { } file)
        {
            _named = await access.AskAsync(link, access.Store.ArchivesAsync);
            file = Covering(hall, from) ?? throw Missing(hall, from, archived);
        }
        var entries = new List<RedisEntry>();
        while (entries.Count < count && file.From(hall, from) is { } packed)
        {
            foreach (var entry in packed)
                if (entry.Key <= to) entries.Add(new(entry.Key, entry.Count, entry.Body.ToArray()));
            from = packed[^1].Key + 1;
        }
        return entries;
    }

    private ArchiveFile? Covering(uint hall, long sequence)
    {
        foreach (var place in _named)
        {
            ArchiveFile file;
            try
            {
                file = archives.Open(place);
            }
            catch (JournalArchiveException)
            {
                // It may be one that is not needed.
                continue;
            }
            if (file.Index.Halls.TryGetValue(hall, out var its) && its.First <= sequence && sequence <= its.Last) return file;
        }
        return null;
    }

    private JournalArchiveException Missing(uint hall, long from, long archived)
    {
        foreach (var place in _named)
        {
            try
            {
                archives.Open(place);
            }
            catch (JournalArchiveException e)
            {
                return new($"records {from} to {archived} of hall number {hall} are archived: {e.Message}", e);
            }
        }
        return new(FormattableString.Invariant($"records {from} to {archived} of hall number {hall} are archived, and no archive in {archives.Folder} has them"));
    }
}
