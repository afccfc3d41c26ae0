using HallOps.Core.Halls;
using HallOps.Web.Storage;
using Microsoft.Extensions.DependencyInjection;
using static HallOps.Web.Tests.Cli.CommandRun;

namespace HallOps.Web.Tests.Operations;

/// <summary>Who was erased stays erased, whatever is restored.</summary>
public sealed class ErasureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-erased-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DataFolder Old => new(Path.Combine(_folder, "old"));

    private DataFolder New => new(Path.Combine(_folder, "new"));

    private string BackupFile => Path.Combine(_folder, "backup.zip");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Person_ErasedAfterTheBackup_IsNotInWhatIsRestoredWithTheList()
    {
        var (erased, other) = await BackedUpThenErasedAsync();

        var (exit, output, _) = await RunAsync("restore", BackupFile, "--erased", Old.ErasedPath, "--data", New.FullPath);

        Assert.Equal((0, $"{New.FullPath}: restored from {BackupFile}; 1 erased since are erased again\n"), (exit, output));
        Assert.Equal((null, "13900000000"), await RevealAsync(New, erased, other));
    }

    [Fact]
    public async Task List_LeftInTheFolder_IsKeptAndApplied_AndIsInTheNextBackup()
    {
        var (erased, other) = await BackedUpThenErasedAsync();
        Directory.CreateDirectory(New.FullPath);
        File.Copy(Old.ErasedPath, New.ErasedPath);
        Assert.Equal(0, (await RunAsync("restore", BackupFile, "--data", New.FullPath)).Exit);
        Assert.Equal((null, "13900000000"), await RevealAsync(New, erased, other));

        // A second fall-back to the old backup, with the list of the first one's backup and nothing else.
        var newer = Path.Combine(_folder, "newer.zip");
        Assert.Equal(0, (await RunAsync("backup", newer, "--data", New.FullPath)).Exit);
        var third = new DataFolder(Path.Combine(_folder, "third"));
        Assert.Equal(0, (await RunAsync("restore", newer, "--data", third.FullPath)).Exit);
        Assert.Contains(erased.ToString(), await File.ReadAllTextAsync(third.ErasedPath, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_WithoutAList_SaysWhatToDo_AndTheStartErasesWithIt()
    {
        var (erased, other) = await BackedUpThenErasedAsync();

        var (exit, output, _) = await RunAsync("restore", BackupFile, "--data", New.FullPath);
        Assert.Equal(0, exit);
        Assert.Matches(@"^.*: restored from .*\n  ! whoever was erased after the backup was made \(.*Z\) is in it: .* copy it into this folder before it is served\n$", output);

        File.Copy(Old.ErasedPath, New.ErasedPath, overwrite: true);
        Assert.Equal((null, "13900000000"), await RevealAsync(New, erased, other));
    }

    [Theory]
    [InlineData("hello", "is no list of erasures; take the erased.txt of the old data folder.")]
    [InlineData("hallops erased 1 {mark}\nhello\n", "is damaged: line 2 is not a person's id and a time.")]
    [InlineData("hallops erased 1 0123456789abcdef\n", "is the list of erasures of another deployment; take the erased.txt of the folder that the backup was made of.")]
    [InlineData(null, "cannot be read")]
    public async Task Restore_WithAWrongList_SaysSoInOneLine_AndChangesNothing(string? list, string line)
    {
        await BackedUpThenErasedAsync();
        var path = Path.Combine(_folder, "list");
        var mark = (await File.ReadAllLinesAsync(Old.ErasedPath, Cancel))[0].Split(' ')[^1];
        if (list is not null) await File.WriteAllTextAsync(path, list.Replace("{mark}", mark, StringComparison.Ordinal), Cancel);

        var (exit, output, error) = await RunAsync("restore", BackupFile, "--erased", path, "--data", New.FullPath);

        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith($"hallops: {path} {line}", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.All(Directory.GetFileSystemEntries(New.FullPath), e => Assert.StartsWith("server.", Path.GetFileName(e), StringComparison.Ordinal));
        Assert.Equal(0, (await RunAsync("restore", BackupFile, "--erased", Old.ErasedPath, "--data", New.FullPath)).Exit);
    }

    [Fact]
    public async Task Line_ThatAPowerCutTore_IsCutOff_BeforeTheNext()
    {
        var (_, other) = await BackedUpThenErasedAsync();
        await File.AppendAllTextAsync(Old.ErasedPath, "0123456789abc", Cancel);
        await using (var server = await RunningServer.StartAsync(Old)) Assert.True(await server.App.Services.GetRequiredService<IPeople>().EraseAsync(other, "admin", Cancel));

        var lines = await File.ReadAllLinesAsync(Old.ErasedPath, Cancel);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith(other.ToString(), lines[2], StringComparison.Ordinal);
    }

    private async Task<(PersonId Erased, PersonId Other)> BackedUpThenErasedAsync()
    {
        await using var server = await RunningServer.StartAsync(Old);
        var people = server.App.Services.GetRequiredService<IPeople>();
        var erased = await people.ExchangeAsync("phone", "13800000000", Cancel);
        var other = await people.ExchangeAsync("phone", "13900000000", Cancel);
        Assert.Equal(0, (await RunAsync("backup", BackupFile, "--data", Old.FullPath)).Exit);
        Assert.True(await people.EraseAsync(erased, "admin", Cancel));
        Assert.False(await people.EraseAsync(erased, "admin", Cancel));
        return (erased, other);
    }

    private static async Task<(string?, string?)> RevealAsync(DataFolder folder, PersonId first, PersonId second)
    {
        await using var server = await RunningServer.StartAsync(folder);
        var people = server.App.Services.GetRequiredService<IPeople>();
        return (await people.RevealAsync(first, Cancel), await people.RevealAsync(second, Cancel));
    }
}
