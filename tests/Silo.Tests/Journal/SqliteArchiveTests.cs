using HallOps.Silo.Journal;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Tests.Journal;

public sealed class SqliteArchiveTests : ArchiveContract
{
    protected override ValueTask<IJournal> OpenAsync() => new(SqliteJournal.Open(At));

    protected override Task ArchiveAsync(DateOnly before, TextWriter output, Action<string>? step)
    {
        JournalArchiving.OfFolder(At, before, output, step, Cancel);
        return Task.CompletedTask;
    }

    protected override ValueTask<JournalContents> ContentsAsync() => new(JournalContents.OfFolder(At));

    protected override Task<long> KeptAsync()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(At, "journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT body FROM flushes";
        using var rows = command.ExecuteReader();
        var kept = 0L;
        while (rows.Read())
            for (var walk = new FrameWalk((byte[])rows[0]); walk.Next();) kept++;
        return Task.FromResult(kept);
    }

    protected override Task BreakAsync(long sequence)
    {
        // Of the flush with records 598 to 601 of each hall: the last bytes of hall 2's part.
        Sql("UPDATE flushes SET body = CAST(substr(body, 1, length(body) * 2 / 3 - 3) || x'00' || substr(body, length(body) * 2 / 3 - 1) AS BLOB) WHERE position = 153");
        return Task.CompletedTask;
    }

    protected override Task BreakSnapshotsAsync()
    {
        Sql("UPDATE snapshots SET crc = crc + 1 WHERE hall = 1");
        return Task.CompletedTask;
    }

    /// <summary>A hall may lose its last records without a trace in no program: an older one must not take the archived ones for lost.</summary>
    [Fact]
    public async Task Archive_MakesAJournalThatOlderProgramsDoNotOpen()
    {
        await WriteDaysAsync(2);
        Assert.Equal(1L, Sql("PRAGMA user_version"));

        await ArchiveAsync(new DateOnly(2026, 10, 2), TextWriter.Null, null);

        Assert.Equal(2L, Sql("PRAGMA user_version"));
    }

    [Fact]
    public async Task Archive_WithoutAServer_GivesTheRoomBack()
    {
        await WriteDaysAsync(4);
        await CloseAsync();
        var output = new StringWriter();
        var was = new FileInfo(Path.Combine(At, "journal.db")).Length;

        await ArchiveAsync(new DateOnly(2026, 10, 4), output, null);

        Assert.True(new FileInfo(Path.Combine(At, "journal.db")).Length < was / 2, output.ToString());
        Assert.Matches(@"  journal\.db: [0-9.]+ [KM]iB, was [0-9.]+ [KM]iB", output.ToString());
    }

    [Fact]
    public async Task Salvage_OfAnArchivedJournal_HasAllOfIt_AndWithoutTheArchiveSaysWhatIsLost()
    {
        await WriteDaysAsync(3);
        await ArchiveAsync(new DateOnly(2026, 10, 3), TextWriter.Null, null);
        using (var to = new TestFolder())
        {
            var output = new StringWriter();
            Assert.True(JournalSalvage.Run(At, to.At, output, Cancel), output.ToString());
            Assert.Contains("rudong-town: 1,215 records, whole as far as can be seen", output.ToString(), StringComparison.Ordinal);
        }
        Directory.Delete(Path.Combine(At, "archive"), recursive: true);
        using var without = new TestFolder();
        var said = new StringWriter();
        Assert.False(JournalSalvage.Run(At, without.At, said, Cancel));
        Assert.Contains("flushes could not be read: any hall may have lost its last records", said.ToString(), StringComparison.Ordinal);
    }

    private object? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(At, "journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
