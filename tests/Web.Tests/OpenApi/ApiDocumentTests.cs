using HallOps.Web.Tests.Door;

namespace HallOps.Web.Tests.OpenApi;

/// <summary>The document that is served is the one that is kept: a change of the wire is seen in review. <c>UPDATE_OPENAPI=1</c> writes the kept one anew.</summary>
public sealed class ApiDocumentTests
{
    [Fact]
    public async Task Document_Served_IsTheOneKept()
    {
        await using var host = await ServerHost.StartAsync();
        using var client = host.As(null);
        var served = (await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken)).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var path = Path.Combine(Root(), "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1") await File.WriteAllTextAsync(path, served, TestContext.Current.CancellationToken);
        var kept = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.True(served == kept, $"The served document differs from docs/openapi.json from line {FirstDifference(served, kept)} on; run the tests with UPDATE_OPENAPI=1 and look at what changed.");
    }

    private static int FirstDifference(string a, string b)
    {
        var (x, y) = (a.Split('\n'), b.Split('\n'));
        var i = 0;
        while (i < x.Length && i < y.Length && x[i] == y[i]) i++;
        return i + 1;
    }

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HallOps.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return folder.FullName;
    }
}
