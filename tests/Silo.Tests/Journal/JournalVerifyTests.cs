using System.Buffers.Binary;
using System.Security.Cryptography;
using HallOps.Silo.Journal;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Tests.Journal;

/// <summary>What <c>journal verify</c> and <c>journal salvage</c> say and do.</summary>
public sealed class JournalVerifyTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Two halls with 40 records each, two a flush, and snapshots at 10, 20 and 30, of which the newest two are kept.</summary>
    private async Task Write()
    {
        await using var journal = SqliteJournal.Open(_folder.At);
        HallPen[] pens = [new(1, "rudong-town"), new(2, "huangpu")];
        foreach (var pen in pens) await pen.Load(journal);
        for (var i = 1; i <= 20; i++)
        {
            Assert.Null((await journal.AppendAsync(HallPen.Flush([.. pens.Select(p => p.Next(2))], []))).Failure);
            if (i is 5 or 10 or 15) await journal.AppendAsync(HallPen.Flush([], [.. pens.Select(p => p.Snapshot())]));
        }
    }

    private async Task<(bool Whole, string[] Lines)> Verify(JournalVerify.DecodeSnapshot? decode = null)
    {
        var output = new StringWriter();
        await using var contents = JournalContents.OfFolder(_folder.At);
        var whole = await JournalVerify.RunAsync(contents, output, decode);
        return (whole, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private static UInt128? ChainOf(uint hall, StoredSnapshot snapshot) => BinaryPrimitives.ReadUInt128LittleEndian(snapshot.Body.Span);

    private void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File("journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [Fact]
    public async Task Verify_OfAWholeJournal_SaysSoAndChangesNothing()
    {
        await Write();
        var before = SHA256.HashData(await File.ReadAllBytesAsync(_folder.File("journal.db")));

        var (whole, lines) = await Verify(ChainOf);

        Assert.True(whole);
        Assert.Equal(["rudong-town: 40 records, 2 snapshots, whole", "huangpu: 40 records, 2 snapshots, whole"], lines);
        Assert.Equal(before, SHA256.HashData(await File.ReadAllBytesAsync(_folder.File("journal.db"))));
    }

    [Fact]
    public async Task Verify_WhileAServerWrites_ReadsUpToNow()
    {
        await Write();
        await using var journal = SqliteJournal.Open(_folder.At);

        Assert.True((await Verify(ChainOf)).Whole);
    }

    // The last two hex digits of a body are its last record's checksum; huangpu's record is the last of each flush.
    [Theory]
    [InlineData("UPDATE flushes SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB) WHERE position = 7", "huangpu: 39 records, 2 snapshots, record 14 at byte ")]
    [InlineData("UPDATE flushes SET body = (SELECT body FROM flushes WHERE position = 6) WHERE position = 7", "huangpu: 40 records, 2 snapshots, record 11 at byte ")]
    [InlineData("DELETE FROM flushes WHERE position = 7", "huangpu: 38 records, 2 snapshots, records 13 to 14 are missing before byte ")]
    [InlineData("UPDATE snapshots SET body = zeroblob(64) WHERE hall = 2 AND sequence = 20", "huangpu: 40 records, 2 snapshots, the snapshot at 20 does not fit its checksum")]
    [InlineData("UPDATE snapshots SET sequence = 41 WHERE hall = 2 AND sequence = 30", "huangpu: 40 records, 2 snapshots, the snapshot at 41 is ahead of the last record, 40")]
    [InlineData("DELETE FROM flushes WHERE position > 13", "flushes 14 to 15 are missing")]
    public async Task Verify_OfADamagedJournal_SaysWhatIsWrong(string damage, string expected)
    {
        await Write();
        Sql(damage);

        var (whole, lines) = await Verify(ChainOf);

        Assert.False(whole);
        Assert.Contains(lines, line => line.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_OfASnapshotThatCannotBeDecodedOrIsOfAnotherHistory_SaysSo()
    {
        await Write();

        Assert.Equal("huangpu: 40 records, 2 snapshots, the snapshot at 20 cannot be read: no such layout",
            (await Verify((hall, snapshot) => hall == 2 ? throw new FormatException("no such layout") : null)).Lines[1]);
        Assert.Equal("rudong-town: 40 records, 2 snapshots, the snapshot at 20 was taken of another history", (await Verify((hall, snapshot) => 12)).Lines[0]);
    }

    [Fact]
    public async Task Verify_WhereThereIsNoJournal_SaysSo()
    {
        Assert.Equal($"there is no journal in {_folder.At}", (await Assert.ThrowsAsync<JournalUnusableException>(() => Verify())).Message);
        Assert.Empty(Directory.EnumerateFiles(_folder.At));
    }

    [Fact]
    public async Task Salvage_OfADamagedJournal_KeepsEachHallUpToItsDamageAndTheRestWhole()
    {
        await Write();
        Sql("UPDATE flushes SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB) WHERE position = 13");
        using var to = new TestFolder();
        var output = new StringWriter();

        Assert.False(JournalSalvage.Run(_folder.At, to.At, output));

        Assert.Equal(["rudong-town: 40 records, whole as far as can be seen", "huangpu: 25 records; those from 26 on are lost, there were 40 or more"],
            output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        await using (var contents = JournalContents.OfFolder(to.At)) Assert.True(await JournalVerify.RunAsync(contents, TextWriter.Null, ChainOf));
        await using var journal = SqliteJournal.Open(to.At);
        var history = await journal.ReadAsync(2);
        Assert.Equal((25L, 20L), (history.Head.Sequence, history.Snapshot!.Sequence));
        Assert.Equal(30, (await journal.ReadAsync(1)).Snapshot!.Sequence);
        var pen = new HallPen(2, "huangpu");
        await pen.Load(journal);
        Assert.True(pen.Epoch > history.Head.Epoch);
        Assert.Equal([AppendOutcome.Stored], (await journal.AppendAsync(HallPen.Flush(pen.Next(1)))).Appends);
        Assert.Equal($"{to.At} has a journal already", Assert.Throws<JournalUnusableException>(() => JournalSalvage.Run(_folder.At, to.At, output)).Message);
    }

    [Fact]
    public async Task Salvage_OfAJournalWithAnUnreadablePage_LosesOnlyWhatStandsOnIt()
    {
        await using (var journal = SqliteJournal.Open(_folder.At))
        {
            HallPen[] pens = [new(1), new(2)];
            foreach (var pen in pens) await pen.Load(journal);
            for (var i = 0; i < 200; i++) await journal.AppendAsync(HallPen.Flush(pens[i < 100 ? 0 : 1].Next(1, 500)));
        }
        // The page with the last flush's row: the last of hall 2.
        var file = await File.ReadAllBytesAsync(_folder.File("journal.db"));
        var at = file.AsSpan().LastIndexOf(HallPen.Payload(100, 500)) / 4096 * 4096;
        file.AsSpan(at, 4096).Fill(0x5A);
        await File.WriteAllBytesAsync(_folder.File("journal.db"), file);
        Assert.Throws<JournalUnusableException>(() => SqliteJournal.Open(_folder.At));
        using var to = new TestFolder();
        var output = new StringWriter();

        Assert.False(JournalSalvage.Run(_folder.At, to.At, output));

        await using var salvaged = SqliteJournal.Open(to.At);
        var heads = (await salvaged.HallsAsync()).ToDictionary(h => h.Number, h => h.Head.Sequence);
        Assert.Equal(100, heads[1]);
        Assert.InRange(heads[2], 90, 99);
        Assert.Contains("the end of the journal could not be read: any hall may have lost its last records", output.ToString(), StringComparison.Ordinal);
    }
}
