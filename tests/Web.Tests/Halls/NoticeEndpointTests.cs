using System.Text.Json;
using HallOps.Web.Tests.Door;

namespace HallOps.Web.Tests.Halls;

/// <summary>Notices over HTTP: posted, shown with their words, taken down.</summary>
public sealed class NoticeEndpointTests
{
    private const string Notices = "/api/v1/halls/h/notices";

    [Fact]
    public async Task Manager_PostsANotice_ItsWordsAreOnTheBoardOfItsZone_UntilItIsTakenDown()
    {
        await using var host = await DoorHost.StartAsync();
        using var manager = host.As("manager@h");
        using var visitor = host.As(null);

        var posted = await manager.PostAsync(Notices, """{"text":"下午停电，请改日再来","zone":"main","until":"2099-01-01T10:00:00+08:00"}""").JsonAsync(201);
        var notice = posted.GetProperty("notice").GetInt64();
        Assert.Equal(new DateTimeOffset(2099, 1, 1, 10, 0, 0, TimeSpan.FromHours(8)), posted.GetProperty("until").GetDateTimeOffset());
        foreach (var board in (string[])["board", "board?zone=main"])
        {
            var shown = Assert.Single(await ShownAsync(visitor, board));
            Assert.Equal(("下午停电，请改日再来", "main", notice), (shown.GetProperty("text").GetProperty("zh").GetString(), shown.GetProperty("zone").GetString(), shown.GetProperty("notice").GetInt64()));
            Assert.Equal(TimeSpan.FromHours(8), shown.GetProperty("until").GetDateTimeOffset().Offset);
            Assert.False(shown.TryGetProperty("posted", out _), "the hash of the words is nobody's business");
        }

        var down = await manager.PostAsync($"{Notices}/{notice}/withdraw").JsonAsync();
        Assert.Equal(notice, down.GetProperty("notice").GetInt64());
        Assert.Empty(await ShownAsync(visitor, "board"));
        await manager.PostAsync($"{Notices}/{notice}/withdraw").ProblemAsync(404, "UnknownNotice");
    }

    [Fact]
    public async Task Notice_InTwoLanguages_IsOnTheBoardInBoth()
    {
        await using var host = await DoorHost.StartAsync();
        using var manager = host.As("manager@h");
        using var visitor = host.As(null);
        await manager.PostAsync(Notices, """{"text":"下午停电","en":"Power cut this afternoon","until":"2099-01-01T10:00:00+08:00"}""").JsonAsync(201);
        var text = Assert.Single(await ShownAsync(visitor, "board")).GetProperty("text");
        Assert.Equal(("下午停电", "Power cut this afternoon"), (text.GetProperty("zh").GetString(), text.GetProperty("en").GetString()));
    }

    [Theory]
    [InlineData("""{"until":"2099-01-01T10:00:00+08:00"}""", 400, "BadField", "text")]
    [InlineData("""{"text":"停电"}""", 400, "BadField", "until")]
    [InlineData("""{"text":"停电","en":"","until":"2099-01-01T10:00:00+08:00"}""", 400, "BadField", "en")]
    [InlineData("""{"text":"停\u001E电","until":"2099-01-01T10:00:00+08:00"}""", 400, "BadField", "text")]
    [InlineData("""{"text":"停电","until":"2099-01-01"}""", 400, "BadField", "until")]
    [InlineData("""{"text":"停电","zone":"nowhere","until":"2099-01-01T10:00:00+08:00"}""", 404, "UnknownZone", "zone")]
    [InlineData("""{"text":"停电","until":"2001-01-01T10:00:00+08:00"}""", 409, "NoticeOver", "until")]
    public async Task ANoticeThatCannotBePosted_IsRefusedByItsField(string body, int status, string code, string field)
    {
        await using var host = await DoorHost.StartAsync();
        using var manager = host.As("manager@h");

        var problem = await manager.PostAsync(Notices, body).ProblemAsync(status, code);
        Assert.Equal(field, problem.GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("99999999999999999999999")]
    [InlineData("1")]
    public async Task ANoticeThatIsNotThere_CannotBeTakenDown(string notice)
    {
        await using var host = await DoorHost.StartAsync();
        using var manager = host.As("manager@h");

        await manager.PostAsync($"{Notices}/{notice}/withdraw").ProblemAsync(404, "UnknownNotice");
    }

    /// <summary>The last moment that can be written is after the last that a clock east of Greenwich can show.</summary>
    [Fact]
    public async Task ANoticeUntilTheEndOfTime_LeavesTheBoardWhole()
    {
        await using var host = await DoorHost.StartAsync();
        using var manager = host.As("manager@h");
        using var visitor = host.As(null);

        await manager.PostAsync(Notices, """{"text":"长期有效","until":"9999-12-31T23:59:59Z"}""").JsonAsync(201);

        Assert.Single(await ShownAsync(visitor, "board"));
    }

    private static async Task<JsonElement[]> ShownAsync(HttpClient client, string board)
    {
        var picture = await client.GetAsync(new Uri($"/api/v1/halls/h/{board}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        return [.. picture.GetProperty("notices").EnumerateArray()];
    }
}
