using System.Net;
using System.Net.Http.Json;
using HallOps.Web.Accounts;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Operations;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Accounts;

public sealed class TotpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Codes are checked against real time; taken some steps off now, none of them is used twice.
    private static string Code(string secret, int steps = 0) => TotpCodes.CodeAt(TotpCodes.FromBase32(secret), DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30 + steps);

    // RFC 6238, appendix B: the last six of its eight digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(20000000000, "353130")]
    public void Code_OfTheStandardsOwnKey_IsTheStandards(long second, string code) =>
        Assert.Equal(code, TotpCodes.CodeAt(TotpCodes.FromBase32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), second / 30));

    [Fact]
    public async Task Account_ThatEnrols_SignsInWithACodeFromThenOn_EachOnce()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        var secret = await BeginAsync(admin);
        using (var unproven = await server.TrySignInAsync("admin", RunningServer.Password)) Assert.Equal(HttpStatusCode.OK, unproven.StatusCode);
        using (var wrong = await ConfirmAsync(admin, "000000" == Code(secret) ? "111111" : "000000"))
            Assert.Equal((HttpStatusCode.BadRequest, "code"), (wrong.StatusCode, (await RunningServer.JsonAsync(wrong)).GetProperty("field").GetString()));

        using var confirmed = await ConfirmAsync(admin, Code(secret, -1));
        using var fresh = server.Client((await RunningServer.JsonAsync(confirmed)).GetProperty("token").GetString());

        using (var before = await admin.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.Unauthorized, before.StatusCode);
        using (var after = await fresh.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        using (var twice = await fresh.PostAsync("account/totp", null, Cancel)) Assert.Equal("TotpOn", await RunningServer.CodeOf(twice));
        using (var without = await server.TrySignInAsync("admin", RunningServer.Password)) Assert.Equal("WrongSignIn", await RunningServer.CodeOf(without));
        var code = Code(secret);
        // Side by side: whoever looks over the shoulder may be as fast.
        var tries = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => server.TrySignInAsync("admin", RunningServer.Password, code)));
        Assert.Single(tries, t => t.StatusCode == HttpStatusCode.OK);
        using (var earlier = await server.TrySignInAsync("admin", RunningServer.Password, Code(secret, -2))) Assert.Equal("WrongSignIn", await RunningServer.CodeOf(earlier));
        using (var next = await server.TrySignInAsync("admin", RunningServer.Password, Code(secret, 1))) Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task Secret_IsKeptSealed_OneOfAnEarlierVersionFromItsNextUseOn_AndOneWhoseKeyIsLostIsNone()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        var secret = await BeginAsync(admin);
        (await ConfirmAsync(admin, Code(secret, -2))).EnsureSuccessStatusCode();
        Assert.DoesNotContain(secret, await KeptAsync(server), StringComparison.Ordinal);

        await KeepAsync(server, secret);
        using (var clear = await server.TrySignInAsync("admin", RunningServer.Password, Code(secret, -1))) Assert.Equal(HttpStatusCode.OK, clear.StatusCode);
        Assert.DoesNotContain(secret, await KeptAsync(server), StringComparison.Ordinal);
        using (var again = await server.TrySignInAsync("admin", RunningServer.Password, Code(secret))) Assert.Equal(HttpStatusCode.OK, again.StatusCode);

        await KeepAsync(server, "v1.CfDJ8" + new string('A', 100));
        using (var lost = await server.TrySignInAsync("admin", RunningServer.Password, Code(secret, 1))) Assert.Equal("WrongSignIn", await RunningServer.CodeOf(lost));
    }

    [Fact]
    public async Task SecondFactor_Ended_NeedsACode_AndEndsTheTokens()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var client = await server.SignInAsync();
        var secret = await BeginAsync(client);
        var taken = Code(secret, -1);
        using var confirmed = await ConfirmAsync(client, taken);
        using var admin = server.Client((await RunningServer.JsonAsync(confirmed)).GetProperty("token").GetString());

        using (var own = await admin.DeleteAsync("accounts/admin/totp", Cancel)) Assert.Equal("NotAllowed", await RunningServer.CodeOf(own));
        using (var without = await EndAsync(admin, null)) Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        using (var used = await EndAsync(admin, taken)) Assert.Equal(HttpStatusCode.BadRequest, used.StatusCode);
        using (var ended = await EndAsync(admin, Code(secret, 1))) Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        using (var after = await admin.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        using var again = await server.SignInAsync();
        using (var nothing = await EndAsync(again, Code(secret, 1))) Assert.Equal("TotpOff", await RunningServer.CodeOf(nothing));
        using (var nothing = await ConfirmAsync(again, Code(secret, 2))) Assert.Equal("TotpNotBegun", await RunningServer.CodeOf(nothing));
    }

    [Fact]
    public async Task SecondFactor_GuessedAtByASession_IsLockedAfterFiveTries()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var client = await server.SignInAsync();
        var secret = await BeginAsync(client);
        using var confirmed = await ConfirmAsync(client, Code(secret, -1));
        using var thief = server.Client((await RunningServer.JsonAsync(confirmed)).GetProperty("token").GetString());
        for (var i = 0; i < 5; i++)
        {
            using var wrong = await EndAsync(thief, "12345");
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }

        using var locked = await EndAsync(thief, Code(secret, 1));

        Assert.Equal((HttpStatusCode.TooManyRequests, 300), (locked.StatusCode, locked.Headers.RetryAfter?.Delta?.TotalSeconds));
    }

    [Fact]
    public async Task SecondFactor_ThatIsLost_IsEndedByAnAdmin()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        await AddAsync(admin, "li", "clerk");
        using var li = await server.SignInAsync("li");
        using var confirmed = await ConfirmAsync(li, Code(await BeginAsync(li)));
        var token = (await RunningServer.JsonAsync(confirmed)).GetProperty("token").GetString();

        using (var reset = await admin.DeleteAsync("accounts/li/totp", Cancel)) Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);

        using (var old = server.Client(token))
        using (var after = await old.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        using (var again = await server.TrySignInAsync("li", RunningServer.Password)) Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using (var nothing = await admin.DeleteAsync("accounts/li/totp", Cancel)) Assert.Equal("TotpOff", await RunningServer.CodeOf(nothing));
    }

    [Fact]
    public async Task Required_LetsAdminsAndManagersInToEnrolOnly_UntilTheyHave()
    {
        await using var server = await RunningServer.StartAsync(totpRequired: true);
        await server.SetUpAsync();
        using var refused = await server.TrySignInAsync("admin", RunningServer.Password);
        var problem = await RunningServer.JsonAsync(refused);
        Assert.Equal((HttpStatusCode.Conflict, "TotpNeeded"), (refused.StatusCode, problem.GetProperty("code").GetString()));
        using (var wrong = await server.TrySignInAsync("admin", "something else")) Assert.Equal("WrongSignIn", await RunningServer.CodeOf(wrong));

        using var enrolling = server.Client(problem.GetProperty("token").GetString());
        using (var more = await enrolling.GetAsync("accounts", Cancel)) Assert.Equal("SignInNeeded", await RunningServer.CodeOf(more));
        using (var more = await enrolling.PostAsJsonAsync("halls/h/tickets", new { service = "s" }, Cancel)) Assert.Equal("SignInNeeded", await RunningServer.CodeOf(more));
        var secret = await BeginAsync(enrolling);
        using var confirmed = await ConfirmAsync(enrolling, Code(secret, -1));
        using var admin = server.Client((await RunningServer.JsonAsync(confirmed)).GetProperty("token").GetString());
        using (var spent = await enrolling.PostAsync("account/totp", null, Cancel)) Assert.Equal("SignInNeeded", await RunningServer.CodeOf(spent));

        await AddAsync(admin, "boss", "manager");
        await AddAsync(admin, "li", "clerk");
        using (var boss = await server.TrySignInAsync("boss", RunningServer.Password)) Assert.Equal("TotpNeeded", await RunningServer.CodeOf(boss));
        using (var li = await server.TrySignInAsync("li", RunningServer.Password)) Assert.Equal(HttpStatusCode.OK, li.StatusCode);
        using (var signedIn = await server.TrySignInAsync("admin", RunningServer.Password, Code(secret))) Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
    }

    [Fact]
    public async Task EnrolmentToken_TenMinutesLater_IsOver()
    {
        await using var server = await RunningServer.StartAsync(totpRequired: true);
        await server.SetUpAsync();
        using var refused = await server.TrySignInAsync("admin", RunningServer.Password);
        using var enrolling = server.Client((await RunningServer.JsonAsync(refused)).GetProperty("token").GetString());
        server.Time.Forward(AccountTokens.EnrolmentLifetime);
        using var late = await enrolling.PostAsync("account/totp", null, Cancel);
        Assert.Equal("SignInNeeded", await RunningServer.CodeOf(late));
    }

    private static async Task<string> BeginAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("account/totp", null, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        var json = await RunningServer.JsonAsync(answer);
        var secret = json.GetProperty("secret").GetString()!;
        Assert.Contains($"secret={secret}&", json.GetProperty("url").GetString(), StringComparison.Ordinal);
        return secret;
    }

    private static Task<HttpResponseMessage> ConfirmAsync(HttpClient client, string code) => client.PostAsJsonAsync("account/totp/confirm", new { code }, Cancel);

    private static async Task<HttpResponseMessage> EndAsync(HttpClient client, string? code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "account/totp") { Content = JsonContent.Create(new { code }) };
        return await client.SendAsync(request, Cancel);
    }

    private static async Task AddAsync(HttpClient admin, string user, string role)
    {
        using var added = await admin.PostAsJsonAsync("accounts", new { user, name = user, password = RunningServer.Password, roles = new[] { new { role } } }, Cancel);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
    }

    private static IQueryable<IdentityUserToken<string>> Secrets(HallOpsDb database) => database.UserTokens.Where(t => t.Name == "AuthenticatorKey");

    private static async Task<string> KeptAsync(RunningServer server)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        return (await Secrets(scope.ServiceProvider.GetRequiredService<HallOpsDb>()).SingleAsync(Cancel)).Value!;
    }

    private static async Task KeepAsync(RunningServer server, string value)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        Assert.Equal(1, await Secrets(scope.ServiceProvider.GetRequiredService<HallOpsDb>()).ExecuteUpdateAsync(set => set.SetProperty(t => t.Value, value), Cancel));
    }
}
