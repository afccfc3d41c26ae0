using System.Text.Json;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Cli;
using HallOps.Web.Tests.Door;

namespace HallOps.Web.Tests.Operations;

/// <summary><c>journal archive</c> as the one who runs the server has it: beside the server, with reports, backups and rebuilds going on as before.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-archive-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ADayThatIsOver_Archived_IsStillTold_BackedUpAndRebuilt()
    {
        var folder = new DataFolder(Data);
        var time = new TestTime();
        string first = "", before = "";
        // Each stop writes what there is into a snapshot; the first number of a day ends the one before.
        for (var day = 0; day < 3; day++)
        {
            await using var one = await RunningServer.StartAsync(folder, time: time);
            if (day == 0)
            {
                await one.SetUpAsync();
                await one.AddHallAsync("h");
            }
            using var clerk = await one.SignInAsync();
            var issued = await clerk.PostAsync("halls/h/tickets", """{"service":"s"}""").JsonAsync(201);
            if (day == 0) first = issued.GetProperty("id").GetString()!;
            if (day == 1) before = HallDay(time);
            time.Forward(TimeSpan.FromDays(1));
        }
        await using var server = await RunningServer.StartAsync(folder, time: time);
        using var admin = await server.SignInAsync();
        var told = await VisitAsync(admin, first);
        Assert.True(told.GetProperty("eventsComplete").GetBoolean());

        var archived = await CommandRun.RunAsync("journal", "archive", "--before", before, "--data", Data);

        Assert.Equal((0, ""), (archived.Exit, archived.Error));
        Assert.Matches(@"^archive/before-[0-9-]+-[0-9a-f]{8}\.archive: [0-9]+ records of 1 halls, [0-9.]+ KiB instead of [0-9.]+ KiB\n  journal.db keeps its size while a server runs on it, and uses the room again\n$", archived.Output);
        var file = Assert.Single(Directory.GetFiles(folder.ArchivePath));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(told.GetRawText(), (await VisitAsync(admin, first)).GetRawText());
        Assert.Equal(0, (await CommandRun.RunAsync("projections", "rebuild", "--data", Data)).Exit);
        await admin.PostAsync("halls/h/tickets", """{"service":"s"}""").JsonAsync(201);
        var (exit, _, error) = await CommandRun.RunAsync("backup", Path.Combine(_folder, "b.zip"), "--data", Data);
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(0, (await CommandRun.RunAsync("restore", Path.Combine(_folder, "b.zip"), "--data", Path.Combine(_folder, "other"))).Exit);
        var verify = await CommandRun.RunAsync("journal", "verify", "--data", Path.Combine(_folder, "other"));
        Assert.Equal(0, verify.Exit);
        Assert.Equal(await File.ReadAllBytesAsync(file, Cancel), await File.ReadAllBytesAsync(Path.Combine(_folder, "other", "archive", Path.GetFileName(file)), Cancel));

        // Without the file: what it has is said to be missing, and the hall is served.
        File.Move(file, Path.Combine(_folder, "away"));
        var without = await CommandRun.RunAsync("backup", Path.Combine(_folder, "c.zip"), "--data", Data);
        Assert.Equal((1, $"hallops: the archive {Path.GetFileName(file)} of the journal is not in {folder.ArchivePath}: put it, or a copy of it, there\n"), (without.Exit, without.Error));
        await server.DisposeAsync();
        await using var again = await RunningServer.StartAsync(folder, time: time);
        using var late = await again.SignInAsync();
        await late.PostAsync("halls/h/tickets", """{"service":"s"}""").JsonAsync(201);
        Assert.False((await VisitAsync(late, first)).GetProperty("eventsComplete").GetBoolean());
        var rebuild = await CommandRun.RunAsync("projections", "rebuild", "--data", Data);
        Assert.Equal(1, rebuild.Exit);
        Assert.Contains($"the archive {Path.GetFileName(file)} of the journal is not in", rebuild.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hallops: --before must be a date like 2026-11-21, was \"yesterday\".\n", 1, "--before", "yesterday")]
    [InlineData("hallops: there is no journal in ", 1, "--before", "2026-01-01")]
    [InlineData("hallops: journal archive needs --before DATE: days before it are archived\n", 2)]
    public async Task WrongWords_AreOneSentence(string expected, int code, params string[] words)
    {
        var (exit, _, error) = await CommandRun.RunAsync(["journal", "archive", .. words, "--data", Data]);

        Assert.Equal(code, exit);
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    private static Task<JsonElement> VisitAsync(HttpClient client, string ticket) => client.GetAsync(new Uri($"legs/h/{ticket}", UriKind.Relative), Cancel).JsonAsync();

    private static string HallDay(TimeProvider time) => time.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
