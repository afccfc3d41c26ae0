using HallOps.Web.Tests.Cli;
using HallOps.Web.Tests.Operations;
using HallOps.Web.Tests.Storage;
using HallOps.Web.Visits;
using Microsoft.Data.Sqlite;

namespace HallOps.Web.Tests.Visits;

/// <summary>Visits of earlier years: <c>sample-year</c> makes them, <c>visits import</c> loads them.</summary>
public sealed class VisitsImportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-visits-").FullName;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void SampleYear_OfTheSameSeed_IsTheSameYear()
    {
        List<SampleVisit> Year(int seed) => [.. new SampleYear(Path.Combine(AppContext.BaseDirectory, "samples"), 2025, seed).Visits(1).Take(1_000)];
        var year = Year(7);
        Assert.Equal(year, Year(7));
        Assert.NotEqual(year, Year(8));
        Assert.All(year, v => Assert.True(v.Issued <= (v.Called ?? v.Issued) && (v.Called ?? v.Issued) <= (v.Started ?? v.Finished) && v.Issued <= v.Finished, v.ToString()));
    }

    [Fact]
    public async Task SampleYear_IsAFileThatReportsRead()
    {
        var (exit, year, error) = await CommandRun.ProcessAsync("", "sample-year", "--halls", "1");
        Assert.Equal((0, ""), (exit, error));
        var (_, report, wrong) = await CommandRun.ProcessAsync("", "report", File("year.csv", year), "--by", "month");
        Assert.Equal("", wrong);
        Assert.Equal(12, System.Text.Json.JsonDocument.Parse(report).RootElement.GetArrayLength());
    }

    [Theory]
    [InlineData("--halls", "0")]
    [InlineData("--year", "soon")]
    public async Task SampleYear_OfNonsense_IsRefusedInOneLine(string option, string value)
    {
        var (exit, output, error) = await CommandRun.RunAsync(option == "--halls" ? ["sample-year", option, value] : ["sample-year", "--halls", "1", option, value]);
        Assert.Equal((1, "", 1), (exit, output, error.Count(c => c == '\n')));
        Assert.StartsWith($"hallops: {option} must be a whole number", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Import_LoadsWhatItCan_SaysWhyNotOfTheRest_AndTheSameFileTwiceIsOneImport(SqlKind kind)
    {
        var postgres = await PostgresRun.DatabaseAsync(kind);
        string[] at = postgres is null ? ["--data", Data] : ["--data", Data, "--ConnectionStrings:HallOps", postgres];
        var hall = Path.Combine(AppContext.BaseDirectory, "samples", "halls", "huangpu-street.json");
        Assert.Equal(0, (await CommandRun.RunAsync(["hall", "import", hall, .. at])).Exit);
        var file = File("visits.csv", """
            hall,line,service,number,issued,called,started,finished,window,staff,outcome,finishOutcome,grade
            huangpu-street,relief,mz-005,J001,2024-03-01T09:00:00,2024-03-01T09:05:00,2024-03-01T09:05:30,2024-03-01T09:15:00,12,w11,served,done,satisfied
            huangpu-street,relief,mz-005,J002,2024-03-01T09:10:00,,,2024-03-01T09:20:00,,,abandoned,,
            huangpu-street,guide,zx-001,J001,2024-03-01T09:15:00,2024-03-01T09:16:00,2024-03-01T09:16:10,2024-03-01T09:20:00,1,g01,served,advice,
            nowhere,relief,mz-005,J001,2024-03-01T09:00:00,,,,,,,,
            nowhere,relief,mz-005,J002,2024-03-01T09:00:00,,,,,,,,
            huangpu-street,relief,mz-005,J003,01.03.2024,,,,,,,,
            huangpu-street,relief,mz-005,J004,02.03.2024,,,,,,,,
            huangpu-street,,mz-005,J005,2024-03-01T09:00:00,,,,,,,,
            """);

        var (exit, output, error) = await CommandRun.RunAsync(["visits", "import", file, "--check", .. at]);
        Assert.Equal((1, $"{file}: 3 would be imported, 0 imported before, 5 refused\n"), (exit, output));
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM legs", postgres));

        (exit, output, error) = await CommandRun.RunAsync(["visits", "import", file, .. at]);
        Assert.Equal((1, $"{file}: 3 imported, 0 imported before, 5 refused\n"), (exit, output));
        Assert.Equal($"""
            {file}: 2 refused, the first in line 5: hall nowhere is not here: import its document first.
            {file}: 2 refused, the first in line 7: issued must be a time like 2026-11-23T09:05:00.
            {file}: 1 refused, the first in line 9: line must be given, or it belongs to no row of a report.

            """, error);
        (_, output, _) = await CommandRun.RunAsync(["visits", "import", file, .. at]);
        Assert.Equal($"{file}: 0 imported, 3 imported before, 5 refused\n", output);

        Assert.Equal(3, await CountAsync("SELECT COUNT(*) FROM legs WHERE ticket < 0", postgres));
        Assert.Equal(2, await CountAsync("SELECT COUNT(DISTINCT ticket) FROM legs", postgres));
        // Nine o'clock in Guangzhou is one in the morning in Greenwich; the call is answered after five minutes.
        Assert.Equal(1, await CountAsync("SELECT COUNT(*) FROM legs WHERE number = 'J001' AND leg = 1 AND issued_at = 1709254800000 AND called_at - since = 300000 AND started_at - called_at = 30000 AND grade = 'satisfied' AND day = '2024-03-01'", postgres));
    }

    [Fact]
    public async Task Import_IntoARunningServer_GoesThroughIt()
    {
        await using var server = await RunningServer.StartAsync();
        var hall = Path.Combine(AppContext.BaseDirectory, "samples", "halls", "rudong-village.json");
        Assert.Equal(0, (await CommandRun.RunAsync("hall", "import", hall, "--data", server.Folder.FullPath)).Exit);
        var file = File("visits.csv", "hall,line,service,issued,called\nrudong-village,a,b,2024-03-01T09:00,2024-03-01T09:05\n");
        var (exit, output, error) = await CommandRun.RunAsync("visits", "import", file, "--data", server.Folder.FullPath);
        Assert.Equal((0, $"{file}: 1 imported, 0 imported before, 0 refused\n", ""), (exit, output, error));
        (exit, _, error) = await CommandRun.RunAsync("visits", "import", File("bad.csv", "a,b\n1,2\n"), "--data", server.Folder.FullPath);
        Assert.Equal(1, exit);
        Assert.StartsWith($"hallops: {Path.Combine(_folder, "bad.csv")} has no column hall", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(server.Folder.FullPath, ".backup-*"));
    }

    [Fact]
    public async Task Views_TellWhatTheirPageSays_AndItsQuestionsRun()
    {
        var hall = Path.Combine(AppContext.BaseDirectory, "samples", "halls", "rudong-village.json");
        Assert.Equal(0, (await CommandRun.RunAsync("hall", "import", hall, "--data", Data)).Exit);
        var file = File("visits.csv", """
            hall,line,service,number,issued,called,started,finished,outcome
            rudong-village,a,b,A001,2024-03-01T09:00:00,2024-03-01T09:05:00,2024-03-01T09:05:30,2024-03-01T09:15:00,served
            rudong-village,a,b,A002,2024-03-01T09:00:00,2024-03-01T09:20:00,,,noShow
            """);
        Assert.Equal(0, (await CommandRun.RunAsync("visits", "import", file, "--data", Data)).Exit);
        Assert.Equal(1, await CountAsync("SELECT COUNT(*) FROM report_legs WHERE hall = 'rudong-village' AND number = 'A001' AND wait_seconds = 300 AND walk_seconds = 30 AND service_seconds = 570 AND imported = 1 AND day = '2024-03-01'"));
        Assert.Equal(1, await CountAsync("SELECT COUNT(*) FROM report_legs WHERE number = 'A002' AND wait_seconds IS NULL AND service_seconds IS NULL AND called_at - joined_at = 1200000"));

        var page = await System.IO.File.ReadAllTextAsync(Path.Combine(OpenApi.ApiDocumentTests.Root(), "docs", "sql.md"), TestContext.Current.CancellationToken);
        var questions = page.Split("```sql\n").Skip(1).Select(part => part.Split("```")[0]).Where(sql => sql.StartsWith("SELECT", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, questions.Count);
        foreach (var question in questions) await CountAsync($"SELECT COUNT(*) FROM ({question.TrimEnd().TrimEnd(';')})");
    }

    private async Task<long> CountAsync(string sql, string? postgres = null)
    {
        await using System.Data.Common.DbConnection connection = postgres is not null ? new Npgsql.NpgsqlConnection(postgres) : new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Directory.GetFiles(Data, "hallops.db*").Order().First(), Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private string File(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(file, text);
        return file;
    }
}
